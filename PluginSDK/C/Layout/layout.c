/* SPDX-License-Identifier: Apache-2.0
 *
 * layout.c: prints size and members of every struct that crosses the ABI. Its output is checked in as
 * include/layout-x86_64.txt, so that a change of layout is seen in review and fails a test. From this folder:
 *
 *     cc -std=c11 -I../../include layout.c -o layout && ./layout > ../../include/layout-x86_64.txt
 */
#include <corral/corral.h>
#include <stdio.h>

#define STRUCT(type) printf("%s size %zu align %zu\n", #type, sizeof(type), _Alignof(type))
#define MEMBER(type, member) \
    printf("  %s.%s offset %zu size %zu\n", #type, #member, offsetof(type, member), sizeof(((type *)0)->member))

int main(void) {
    STRUCT(corral_slice);
    MEMBER(corral_slice, data);
    MEMBER(corral_slice, size);
    STRUCT(corral_error);
    MEMBER(corral_error, struct_size);
    MEMBER(corral_error, is_retryable);
    MEMBER(corral_error, code);
    MEMBER(corral_error, message);
    MEMBER(corral_error, details);
    STRUCT(corral_host);
    MEMBER(corral_host, struct_size);
    MEMBER(corral_host, abi_major);
    MEMBER(corral_host, abi_minor);
    MEMBER(corral_host, get_extension);
    MEMBER(corral_host, log);
    MEMBER(corral_host, push_result);
    MEMBER(corral_host, push_partial);
    MEMBER(corral_host, push_progress);
    MEMBER(corral_host, push_artifact);
    MEMBER(corral_host, read_artifact);
    MEMBER(corral_host, set_confidence);
    MEMBER(corral_host, add_change);
    MEMBER(corral_host, set_error);
    MEMBER(corral_host, complete);
    MEMBER(corral_host, is_cancelled);
    MEMBER(corral_host, on_cancel);
    STRUCT(corral_request);
    MEMBER(corral_request, struct_size);
    MEMBER(corral_request, depth);
    MEMBER(corral_request, body);
    MEMBER(corral_request, deadline_ns);
    MEMBER(corral_request, user);
    MEMBER(corral_request, feature);
    MEMBER(corral_request, session);
    MEMBER(corral_request, task_type);
    MEMBER(corral_request, complexity);
    MEMBER(corral_request, idempotency_key);
    STRUCT(corral_plugin);
    MEMBER(corral_plugin, struct_size);
    MEMBER(corral_plugin, abi_major);
    MEMBER(corral_plugin, abi_minor);
    MEMBER(corral_plugin, manifest);
    MEMBER(corral_plugin, instance);
    MEMBER(corral_plugin, activate);
    MEMBER(corral_plugin, deactivate);
    MEMBER(corral_plugin, get_extension);
    STRUCT(corral_agent);
    MEMBER(corral_agent, struct_size);
    MEMBER(corral_agent, reserved);
    MEMBER(corral_agent, run);
    STRUCT(corral_tool);
    MEMBER(corral_tool, struct_size);
    MEMBER(corral_tool, reserved);
    MEMBER(corral_tool, call);
    STRUCT(corral_host_tool);
    MEMBER(corral_host_tool, struct_size);
    MEMBER(corral_host_tool, reserved);
    MEMBER(corral_host_tool, start);
    STRUCT(corral_host_http);
    MEMBER(corral_host_http, struct_size);
    MEMBER(corral_host_http, reserved);
    MEMBER(corral_host_http, start);
    STRUCT(corral_host_connect);
    MEMBER(corral_host_connect, struct_size);
    MEMBER(corral_host_connect, reserved);
    MEMBER(corral_host_connect, open);
    STRUCT(corral_host_process);
    MEMBER(corral_host_process, struct_size);
    MEMBER(corral_host_process, reserved);
    MEMBER(corral_host_process, start);
    MEMBER(corral_host_process, wait);
    MEMBER(corral_host_process, stop);
    MEMBER(corral_host_process, run);
    STRUCT(corral_host_secret);
    MEMBER(corral_host_secret, struct_size);
    MEMBER(corral_host_secret, reserved);
    MEMBER(corral_host_secret, reveal);
    STRUCT(corral_host_smtp);
    MEMBER(corral_host_smtp, struct_size);
    MEMBER(corral_host_smtp, reserved);
    MEMBER(corral_host_smtp, send);
    STRUCT(corral_native_function);
    MEMBER(corral_native_function, struct_size);
    MEMBER(corral_native_function, reserved);
    MEMBER(corral_native_function, name);
    MEMBER(corral_native_function, signature);
    MEMBER(corral_native_function, summary);
    MEMBER(corral_native_function, address);
    STRUCT(corral_native);
    MEMBER(corral_native, struct_size);
    MEMBER(corral_native, count);
    MEMBER(corral_native, functions);
    MEMBER(corral_native, free_result);
    STRUCT(corral_memory);
    MEMBER(corral_memory, struct_size);
    MEMBER(corral_memory, reserved);
    MEMBER(corral_memory, put);
    MEMBER(corral_memory, get);
    MEMBER(corral_memory, search);
    MEMBER(corral_memory, list);
    MEMBER(corral_memory, forget);
    STRUCT(corral_host_memory);
    MEMBER(corral_host_memory, struct_size);
    MEMBER(corral_host_memory, reserved);
    MEMBER(corral_host_memory, start);
    STRUCT(corral_scanner);
    MEMBER(corral_scanner, struct_size);
    MEMBER(corral_scanner, reserved);
    MEMBER(corral_scanner, scan);
    STRUCT(corral_judge);
    MEMBER(corral_judge, struct_size);
    MEMBER(corral_judge, reserved);
    MEMBER(corral_judge, judge);
    STRUCT(corral_notifier);
    MEMBER(corral_notifier, struct_size);
    MEMBER(corral_notifier, reserved);
    MEMBER(corral_notifier, notify);
    STRUCT(corral_tracer);
    MEMBER(corral_tracer, struct_size);
    MEMBER(corral_tracer, reserved);
    MEMBER(corral_tracer, export_spans);
    STRUCT(corral_host_storage);
    MEMBER(corral_host_storage, struct_size);
    MEMBER(corral_host_storage, reserved);
    MEMBER(corral_host_storage, folder);
    STRUCT(corral_host_prompt);
    MEMBER(corral_host_prompt, struct_size);
    MEMBER(corral_host_prompt, reserved);
    MEMBER(corral_host_prompt, render);
    return 0;
}
