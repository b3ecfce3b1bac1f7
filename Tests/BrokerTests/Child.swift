// SPDX-License-Identifier: Apache-2.0
// Child: programs that tests start. Foundation's Process is not used beside a broker: its own thread may still read from
// a descriptor whose number somebody else has been given meanwhile, and then the first bytes of an answer are missing.

import Foundation
import Testing

struct Child: Sendable {
    let pid: pid_t

    struct Failure: Error { let text: String }

    /// Starts a program with these descriptors, by their numbers in the child, and no others. 0 is `/dev/null` unless
    /// given; 1 and 2 are the test's own.
    init(_ words: [String], descriptors: [Int32: Int32] = [:]) throws(Failure) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        // By way of high numbers, so that placing one never overwrites another.
        for (number, descriptor) in descriptors {
            posix_spawn_file_actions_adddup2(&actions, descriptor, 300 + number)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        for number in descriptors.keys { posix_spawn_file_actions_adddup2(&actions, 300 + number, number) }
        // What other tests have open must not live as long as this child.
        for number in Int32(3)...320 where descriptors[number] == nil {
            posix_spawn_file_actions_addclose(&actions, number)
        }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), nil]
        defer { for text in arguments + environment { free(text) } }
        var pid = pid_t()
        let status = posix_spawn(&pid, words[0], &actions, nil, &arguments, &environment)
        guard status == 0 else { throw Failure(text: "cannot start \(words[0]): \(String(cString: strerror(status)))") }
        self.pid = pid
    }

    /// Waits for the end: the status as wait(2) gives it.
    func wait() -> Int32 {
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status
    }

    /// The status if it ends within ten seconds; after that it is killed and there is none.
    func waitBriefly() -> Int32? {
        var status: Int32 = 0
        let deadline = Date().addingTimeInterval(10)
        while Date() < deadline {
            if waitpid(pid, &status, WNOHANG) == pid { return status }
            usleep(2_000)
        }
        end()
        return nil
    }

    func end() {
        kill(pid, SIGKILL)
        _ = wait()
    }
}
