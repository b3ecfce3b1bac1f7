// SPDX-License-Identifier: Apache-2.0

/// A type whose JSON schema cannot be found by watching its `init(from:)` alone, because that refuses made-up values:
/// an enum without `CaseIterable`, an enum with associated values, a text with a format.
///
/// The schema then says no more than that any value may stand here, unless the type is read as one plain value; but the
/// types around it keep theirs.
public protocol SchemaExample {
    static var example: Self { get }
}
