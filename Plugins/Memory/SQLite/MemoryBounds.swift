// SPDX-License-Identifier: Apache-2.0
// MemoryBounds: what one entry and one answer may hold. Memory is for notes; files are artifacts.

enum MemoryBounds {
    /// Some ten pages of text. What is larger is a document, and a search would only ever find all of it.
    static let textBytesMax = 32 << 10
    /// A table or a decision with its figures, as JSON.
    static let valueBytesMax = 64 << 10
    static let keyBytesMax = 256
    static let namespaceBytesMax = 512
    static let tagsMax = 16
    static let tagBytesMax = 64
    /// Agent, run, session and user, each: identifiers, not texts.
    static let authorBytesMax = 256
    /// Namespaces that one search or list reads.
    static let namespacesMax = 16
    static let limitMax = 200
    /// What one answer holds; a list continues behind its cursor. Well below what the host takes as one result.
    static let answerBytesMax = 8 << 20
    /// Different words of a query; the rest says little about what is meant.
    static let queryWordsMax = 32
    static let queryBytesMax = 4 << 10
    /// Expired entries that a put deletes besides its own work, so that the table shrinks as it grows.
    static let sweptByPutMax: Int64 = 64
    /// Rows deleted in one transaction: others get in between, and the log stays small.
    static let deletedAtOnceMax: Int64 = 2_000
    /// Up to this many entries the word index is written anew after a forget; above, that would take seconds.
    static let optimizedEntriesMax: Int64 = 10_000
    /// How long a statement waits for another process that has the database, for example the old version of this plugin.
    static let busyMilliseconds: Int32 = 5_000
}
