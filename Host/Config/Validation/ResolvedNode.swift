// SPDX-License-Identifier: Apache-2.0
// ResolvedNode: what a configuration file says, after checking: values in their own types, each with its place.

import CorralBase

/// A checked place of the configuration.
struct ResolvedNode: Sendable {
    indirect enum Kind: Sendable {
        case map([Member])
        case list([ResolvedNode])
        case leaf(Leaf)
    }

    struct Member: Sendable {
        let name: String
        var node: ResolvedNode
    }

    var kind: Kind
    let location: SourceLocation

    var members: [Member]? { if case .map(let members) = kind { members } else { nil } }
    var leaf: Leaf? { if case .leaf(let leaf) = kind { leaf } else { nil } }

    /// Stands for a value that a mistake was reported for, so that it does not count as absent as well.
    static func rejected(at location: SourceLocation) -> ResolvedNode {
        ResolvedNode(kind: .leaf(Leaf(value: nil, written: .null, references: [])), location: location)
    }

    subscript(name: String) -> ResolvedNode? { members?.first { $0.name == name }?.node }

    /// This node with what an overlay says: maps are merged, anything else is replaced.
    func merged(with overlay: ResolvedNode) -> ResolvedNode {
        guard case .map(var members) = kind, let theirs = overlay.members else { return overlay }
        for member in theirs {
            if let index = members.firstIndex(where: { $0.name == member.name }) {
                members[index].node = members[index].node.merged(with: member.node)
            } else {
                members.append(member)
            }
        }
        return ResolvedNode(kind: .map(members), location: location)
    }
}

/// A checked value.
struct Leaf: Sendable {
    /// The value in force; nil when it refers to something that is not there.
    let value: JSON?
    /// The value as it was written, references unexpanded.
    let written: JSON
    let references: [Reference]
}
