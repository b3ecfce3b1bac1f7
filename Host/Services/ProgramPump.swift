// SPDX-License-Identifier: Apache-2.0
// ProgramPump: feeds a program its input and collects what it prints, on a thread of its own: a program may read or write
// nothing for a minute, and nobody else's thread should wait for it.

import CorralBase
import CorralWire
import Glibc
import Synchronization

extension Limits {
    /// What is kept of each output of a program that is run to its end. More is read, so that the program does not stop,
    /// and thrown away.
    package static let programOutputBytesMax = 4 << 20
}

final class ProgramPump: Sendable {
    struct Output: Sendable {
        var output: [UInt8] = []
        var errors: [UInt8] = []
        var isTruncated = false
    }

    private let output: OwnedDescriptor
    private let errors: OwnedDescriptor
    private let wake: (reading: OwnedDescriptor, writing: OwnedDescriptor)
    private let isGone = Atomic<Bool>(false)
    private let done = Promise<Output>()

    /// - Parameters:
    ///   - output: our ends of the program's pipes.
    ///   - wake: a pipe to be woken by.
    init(
        output: OwnedDescriptor, errors: OwnedDescriptor, wake: (reading: OwnedDescriptor, writing: OwnedDescriptor)
    ) {
        self.output = output
        self.errors = errors
        self.wake = wake
    }

    /// Starts to move bytes. `collected` has them when the outputs end, or soon after `programIsGone`. Nobody else may hold
    /// `input`: the program sees its end when it is closed here.
    func start(_ bytes: [UInt8], to input: OwnedDescriptor) {
        for end in [input, output, errors] {
            _ = fcntl(end.number, F_SETFL, fcntl(end.number, F_GETFL) | O_NONBLOCK)
        }
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(pump: self, bytes: bytes, input: input))
        let failure = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, work.toOpaque())
        if failure == 0 {
            pthread_detach(thread)
        } else {
            work.release()
            done.keep(Output())
        }
    }

    /// All of its processes have ended: what is in the pipes is all there will be.
    func programIsGone() {
        isGone.store(true, ordering: .releasing)
        var byte: UInt8 = 1
        _ = write(wake.writing.number, &byte, 1)
    }

    var collected: Output { get async { await done.value } }

    private final class Work {
        let pump: ProgramPump
        let bytes: [UInt8]
        private var sent = 0
        private var input: OwnedDescriptor?
        private var output: [UInt8] = []
        private var errors: [UInt8] = []
        private var isTruncated = false
        private var isOpen = (output: true, errors: true)

        init(pump: ProgramPump, bytes: [UInt8], input: OwnedDescriptor) {
            self.pump = pump
            self.bytes = bytes
            self.input = input
        }

        func run() {
            // A program that does not read its input is no reason for the host to end.
            var signals = sigset_t()
            sigemptyset(&signals)
            sigaddset(&signals, SIGPIPE)
            pthread_sigmask(SIG_BLOCK, &signals, nil)
            while isOpen.output || isOpen.errors {
                // Read before looking whether it is gone: then nothing it wrote can be missed.
                let isGone = pump.isGone.load(ordering: .acquiring)
                feed()
                if isOpen.output { isOpen.output = drain(pump.output) { self.keep($0, in: \.output) } }
                if isOpen.errors { isOpen.errors = drain(pump.errors) { self.keep($0, in: \.errors) } }
                if isGone { break }
                wait()
            }
            pump.done.keep(Output(output: output, errors: errors, isTruncated: isTruncated))
        }

        private func wait() {
            var polled = [pollfd(fd: pump.wake.reading.number, events: Int16(POLLIN), revents: 0)]
            if isOpen.output { polled.append(pollfd(fd: pump.output.number, events: Int16(POLLIN), revents: 0)) }
            if isOpen.errors { polled.append(pollfd(fd: pump.errors.number, events: Int16(POLLIN), revents: 0)) }
            if let input { polled.append(pollfd(fd: input.number, events: Int16(POLLOUT), revents: 0)) }
            _ = poll(&polled, nfds_t(polled.count), -1)
        }

        private func feed() {
            guard let end = input else { return }
            while sent < bytes.count {
                let count = bytes.withUnsafeBytes { write(end.number, $0.baseAddress! + sent, $0.count - sent) }
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN { return }
                guard count > 0 else { break }
                sent += count
            }
            // All is written, or it does not want to read: the end of its input.
            input = nil
        }

        private func keep(_ bytes: ArraySlice<UInt8>, in place: ReferenceWritableKeyPath<Work, [UInt8]>) {
            let room = Limits.programOutputBytesMax - self[keyPath: place].count
            if bytes.count > room { isTruncated = true }
            self[keyPath: place].append(contentsOf: bytes.prefix(max(0, room)))
        }

        /// - Returns: whether there may be more.
        private func drain(_ end: OwnedDescriptor, _ keep: (ArraySlice<UInt8>) -> Void) -> Bool {
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = read(end.number, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count < 0, errno == EAGAIN { return true }
                guard count > 0 else { return false }
                keep(buffer[..<count])
            }
        }
    }
}
