// SPDX-License-Identifier: Apache-2.0
// The bounds of scanning.

import CorralBase

extension Limits {
    /// Texts and bytes of one request to a scanner: some ten milliseconds of its time. A longer text goes alone.
    static let scanTextsMax = 8_192
    static let scanBytesMax = 1 << 20
    /// What is remembered of texts that were scanned; 16 to 100 bytes each, so some megabytes a tenant.
    static let scanMemoryMax = 1 << 16
    /// A scanner reads a megabyte in milliseconds; one that takes this long hangs.
    package static let scanTimeout = Duration.seconds(30)
    /// Fewer texts are quicker looked up one by one than as a whole.
    static let scanTreeTextsMin = 32
    /// A file up to this size is scanned; a larger one is a data set, and said to be unscanned.
    package static let scanFileBytesMax = 32 << 20
    /// Findings that a span names; the count goes on.
    static let scanEventsMax = 64
    /// What a text without a blank may hold back of a stream: more than the longest token.
    static let heldTextBytesMax = 16 << 10
    /// Events of one call that wait for a scan; each is at most a frame.
    package static let heldEventsMax = 1_024
}
