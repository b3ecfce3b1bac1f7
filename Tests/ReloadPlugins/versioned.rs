// SPDX-License-Identifier: Apache-2.0
//
// versioned.rs: the agent of versioned.c in Rust, against the C ABI alone. VERSION is read when it is compiled.

use std::ffi::{c_char, c_void, CStr};

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Slice {
    data: *const u8,
    size: usize,
}

#[repr(C)]
pub struct Host {
    struct_size: u32,
    abi_major: u16,
    abi_minor: u16,
    get_extension: extern "C" fn(*const c_char) -> *const c_void,
    log: extern "C" fn(u64, u32, Slice),
    push_result: extern "C" fn(u64, Slice) -> i32,
}

#[repr(C)]
pub struct Agent {
    struct_size: u32,
    reserved: u32,
    run: extern "C" fn(*mut c_void, u64, *const c_void) -> i32,
}

#[repr(C)]
pub struct Plugin {
    struct_size: u32,
    abi_major: u16,
    abi_minor: u16,
    manifest: Slice,
    instance: *mut c_void,
    activate: Option<extern "C" fn(*mut c_void, Slice) -> i32>,
    deactivate: Option<extern "C" fn(*mut c_void)>,
    get_extension: extern "C" fn(*mut c_void, *const c_char) -> *const c_void,
}

unsafe impl Sync for Plugin {}

const MANIFEST: &str = concat!(
    r#"{"id":"test/rusty","version":""#, env!("VERSION"), r#".0.0","summary":"An agent in Rust","#,
    r#""provides":["corral.agent/1"],"agent":{"role":"Answers with its version","input":{}}}"#
);
const ANSWER: &str = concat!("\"", env!("VERSION"), "\"");

static mut HOST: *const Host = std::ptr::null();
static AGENT: Agent = Agent { struct_size: std::mem::size_of::<Agent>() as u32, reserved: 0, run };
static PLUGIN: Plugin = Plugin {
    struct_size: std::mem::size_of::<Plugin>() as u32,
    abi_major: 0,
    abi_minor: 1,
    manifest: Slice { data: MANIFEST.as_ptr(), size: MANIFEST.len() },
    instance: std::ptr::null_mut(),
    activate: None,
    deactivate: None,
    get_extension,
};

extern "C" fn run(_: *mut c_void, call: u64, _: *const c_void) -> i32 {
    unsafe { ((*HOST).push_result)(call, Slice { data: ANSWER.as_ptr(), size: ANSWER.len() }) }
}

extern "C" fn get_extension(_: *mut c_void, id: *const c_char) -> *const c_void {
    let id = unsafe { CStr::from_ptr(id) };
    if id.to_bytes() == b"corral.agent/1" { &AGENT as *const Agent as *const c_void } else { std::ptr::null() }
}

#[no_mangle]
pub extern "C" fn corral_plugin_entry(host: *const Host) -> *const Plugin {
    unsafe { HOST = host };
    &PLUGIN
}
