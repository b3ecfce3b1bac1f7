// SPDX-License-Identifier: Apache-2.0
// BrokerMail: a message for a mail server, from the host to corral-broker. The answer is a head with the server's status,
// the server's last line as its body, and an end.

import CorralBase

extension Limits {
    /// A message with its header: what a host service takes as one request, less its frame. Servers take 10 MiB and more.
    package static let mailBytesMax = 768 << 10
    /// Who gets one message; RFC 5321, section 4.5.3.1.8, asks servers for at least that many.
    package static let mailRecipientsMax = 100
    /// RFC 5321, section 4.5.3.1.6: 1000 with its end.
    package static let mailLineBytesMax = 998
}

package struct BrokerMail: Sendable, Hashable {
    package var origin: NetworkOrigin
    package var reach: NetworkReach
    /// What EHLO says: a host's name.
    package var greeting: String
    package var from: String
    package var to: [String]
    /// Nothing is sent, least of all a password, before the connection is encrypted.
    package var requiresTLS: Bool
    /// `user:password`; nil for none.
    package var login: BrokerSecret?
    /// Header and text, lines ended by CRLF, ASCII.
    package var message: [UInt8]
    package var times: BrokerTimes

    package init(
        origin: NetworkOrigin, reach: NetworkReach, greeting: String, from: String, to: [String],
        requiresTLS: Bool = true, login: BrokerSecret? = nil, message: [UInt8], times: BrokerTimes = BrokerTimes()
    ) {
        self.origin = origin
        self.reach = reach
        self.greeting = greeting
        self.from = from
        self.to = to
        self.requiresTLS = requiresTLS
        self.login = login
        self.message = message
        self.times = times
    }

    package func frame(call: UInt64) -> Frame {
        var head: JSONObject = [
            "origin": origin.json, "reach": .string(reach.rawValue), "greeting": .string(greeting),
            "from": .string(from), "to": .array(to.map { .string($0) }), "tls": .bool(requiresTLS),
            "times": times.json,
        ]
        head["login"] = login?.json
        var writer = ByteWriter(reserving: 512 + message.count)
        writer.run(JSON.object(head).bytes())
        writer.raw(message)
        return Frame(.brokerMail, call: call, payload: writer.bytes)
    }

    package init(_ frame: Frame) throws {
        var reader = ByteReader(frame.payload)
        let head = try JSON(parsing: Array(try reader.run()))
        message = Array(reader.rest())
        guard let reach = head["reach"]?.stringValue.flatMap(NetworkReach.init(rawValue:)),
            let greeting = head["greeting"]?.stringValue.flatMap({ NetworkHost($0) }),
            let from = head["from"]?.stringValue, let requiresTLS = head["tls"]?.boolValue
        else { throw CorralError.protocolViolation("a message without its head") }
        origin = try NetworkOrigin(head["origin"])
        to = (head["to"]?.arrayValue ?? []).compactMap(\.stringValue)
        self.reach = reach
        self.greeting = greeting.inURL
        self.from = from
        self.requiresTLS = requiresTLS
        login = try head["login"].map(BrokerSecret.init)
        times = try BrokerTimes(head["times"])
        guard origin.scheme.isMail, (1...Limits.mailRecipientsMax).contains(to.count),
            ([from] + to).allSatisfy(MailAddress.isValid), message.count <= Limits.mailBytesMax
        else { throw CorralError.protocolViolation("a message that cannot be sent") }
    }
}

/// An address as it goes into MAIL and RCPT.
package enum MailAddress {
    /// `local@domain` of printable ASCII without quotes, brackets and spaces: nothing in it can end the command it is in.
    package static func isValid(_ text: String) -> Bool {
        guard text.utf8.count <= 254, let at = text.lastIndex(of: "@") else { return false }
        let local = text[..<at]
        return (1...64).contains(local.utf8.count) && domain(of: text) != nil
            && local.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "!#$%&'*+-/=?^_`{|}~.".utf8.contains(byte)
            }
    }

    /// The part behind the last `@`, when it is a host's name.
    package static func domain(of text: String) -> NetworkHost? {
        guard let at = text.lastIndex(of: "@") else { return nil }
        let domain = NetworkHost(text[text.index(after: at)...])
        return domain?.isAddress == false ? domain : nil
    }
}

extension BrokerSecret {
    var json: JSON { ["name": .string(name), "value": .string(value), "basic": .bool(isBasic)] }
}
