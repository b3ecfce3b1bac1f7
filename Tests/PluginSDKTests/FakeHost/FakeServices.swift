// SPDX-License-Identifier: Apache-2.0

import CorralSDK
import Glibc
import Synchronization

/// The host services that reach outside, scripted: each answers from another thread, as a host does.
enum FakeServices {
    /// What was asked of them, as JSON or text.
    static let asked = Mutex<[String]>([])

    nonisolated(unsafe) static let http: UnsafeRawPointer = table(
        corral_host_http(
            struct_size: UInt32(MemoryLayout<corral_host_http>.size), reserved: 0, start: startHTTP))
    nonisolated(unsafe) static let connect: UnsafeRawPointer = table(
        corral_host_connect(
            struct_size: UInt32(MemoryLayout<corral_host_connect>.size), reserved: 0, open: openConnection))
    nonisolated(unsafe) static let process: UnsafeRawPointer = table(
        corral_host_process(
            struct_size: UInt32(MemoryLayout<corral_host_process>.size), reserved: 0, start: startProgram,
            wait: waitForProgram, stop: stopProgram, run: runProgram))
    nonisolated(unsafe) static let secret: UnsafeRawPointer = table(
        corral_host_secret(
            struct_size: UInt32(MemoryLayout<corral_host_secret>.size), reserved: 0, reveal: revealSecret))

    static func find(_ id: String) -> UnsafeRawPointer? {
        switch id {
        case CORRAL_EXT_HOST_TOOL: FakeTools.service
        case CORRAL_EXT_HOST_HTTP: http
        case CORRAL_EXT_HOST_CONNECT: connect
        case CORRAL_EXT_HOST_PROCESS: process
        case CORRAL_EXT_HOST_SECRET: secret
        default: nil
        }
    }

    private static func table<Table>(_ value: Table) -> UnsafeRawPointer {
        let table = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        table.initialize(to: value)
        return UnsafeRawPointer(table)
    }

    fileprivate static func note(_ text: String) { asked.withLock { $0.append(text) } }
}

/// Runs on a thread of its own.
private func later(_ body: @escaping () -> Void) -> corral_status {
    final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }
    var thread = pthread_t()
    pthread_create(
        &thread, nil,
        { argument in
            guard let argument else { return nil }
            Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
            return nil
        }, Unmanaged.passRetained(Work(body)).toOpaque())
    pthread_detach(thread)
    return CORRAL_OK
}

private func with(_ text: String, _ body: (corral_slice) -> Void) {
    var text = text
    text.withUTF8 { body(corral_slice(data: $0.baseAddress, size: $0.count)) }
}

private let denial = #"{"code":"not_granted","message":"policy says no","retryable":false}"#

private func startHTTP(
    _ call: corral_call, _ request: corral_slice, _ event: corral_http_event?,
    _ completion: @escaping corral_http_completion, _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    let json = request.string
    FakeServices.note(json)
    return later {
        if json.contains("denied.example") { return with(denial) { completion(argument, CORRAL_DENIED, $0) } }
        if let event {
            with(#"{"events":[{"event":"message","data":"one","id":"1"},{"event":"message","data":"two"}]}"#) {
                event(argument, $0)
            }
            with(#"{"events":[{"event":"end","data":""}]}"#) { event(argument, $0) }
            return with(#"{"status":200,"headers":[["content-type","text/event-stream"]],"url":"u"}"#) {
                completion(argument, CORRAL_OK, $0)
            }
        }
        let isBinary = json.contains("body_base64")
        with(
            #"{"status":404,"headers":[["X-One","1"]],"url":"https://x/y","#
                + (isBinary ? #""body_base64":"/wA="}"# : #""body":"{\"n\":3}"}"#)
        ) { completion(argument, CORRAL_OK, $0) }
    }
}

private func openConnection(
    _ call: corral_call, _ endpoint: corral_slice, _ completion: @escaping corral_connect_completion,
    _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    let text = endpoint.string
    FakeServices.note(text)
    return later {
        guard text == "redis:6379" else {
            return with(denial) { completion(argument, CORRAL_DENIED, $0, -1) }
        }
        var ends: [Int32] = [-1, -1]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends)
        with("{}") { completion(argument, CORRAL_OK, $0, ends[0]) }
        var buffer = [UInt8](repeating: 0, count: 64)
        let count = read(ends[1], &buffer, 64)
        _ = write(ends[1], Array(buffer.prefix(max(0, count)).reversed()), max(0, count))
        close(ends[1])
    }
}

private func startProgram(
    _ call: corral_call, _ request: corral_slice, _ started: @escaping corral_process_started,
    _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    FakeServices.note(request.string)
    return later {
        var (input, output, errors): ([Int32], [Int32], [Int32]) = ([0, 0], [0, 0], [0, 0])
        _ = (pipe(&input), pipe(&output), pipe(&errors))
        with(#"{"process":7}"#) { started(argument, CORRAL_OK, $0, input[1], output[0], errors[0]) }
        var buffer = [UInt8](repeating: 0, count: 64)
        var count = read(input[0], &buffer, 64)
        while count > 0 {
            _ = write(output[1], buffer, count)
            count = read(input[0], &buffer, 64)
        }
        for end in [input[0], output[1], errors[1]] { close(end) }
    }
}

private func waitForProgram(
    _ call: corral_call, _ process: UInt64, _ completion: @escaping corral_process_completion,
    _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    FakeServices.note("wait \(process)")
    return later { with(#"{"exit":3}"#) { completion(argument, CORRAL_OK, $0) } }
}

private func stopProgram(_ call: corral_call, _ process: UInt64) -> corral_status {
    FakeServices.note("stop \(process)")
    return CORRAL_OK
}

private func runProgram(
    _ call: corral_call, _ request: corral_slice, _ completion: @escaping corral_process_completion,
    _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    FakeServices.note(request.string)
    return later {
        with(#"{"signal":9,"reason":"deadline","output":"out","errors_base64":"/w==","truncated":true}"#) {
            completion(argument, CORRAL_OK, $0)
        }
    }
}

private func revealSecret(
    _ call: corral_call, _ name: corral_slice, _ completion: @escaping corral_secret_completion,
    _ argument: UnsafeMutableRawPointer?
) -> corral_status {
    FakeServices.note(name.string)
    return name.string == "BUSY" ? CORRAL_LIMIT : later { with("hunter2") { completion(argument, CORRAL_OK, $0) } }
}
