// SPDX-License-Identifier: Apache-2.0

/// What the host gives a plugin before its first call.
public struct Activation: Sendable {
    /// The plugin's configuration: an object with the fields that the card declares, defaults filled in.
    public let configuration: JSON
    /// The absolute path of the plugin's own folder; nil unless the card asks for storage and policy allows it.
    public let storageFolder: String?
    private let bytes: [UInt8]
    private let host: HostFunctions?

    init(_ bytes: [UInt8] = Array("{}".utf8), host: HostFunctions? = nil) throws {
        self.bytes = bytes
        self.host = host
        configuration = try JSONReader.value(JSON.self, from: bytes, named: "configuration")
        let service = host?.service(CORRAL_EXT_HOST_STORAGE, as: corral_host_storage.self)
        storageFolder = service?.pointee.folder().statedText
    }

    /// The configuration as a type of the author's.
    ///
    /// - Throws: ``AgentError`` that names the member which does not fit.
    public func configuration<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONReader.value(type, from: bytes, named: "configuration")
    }

    /// Writes a line to the host's log, under no call.
    public func log(_ level: LogLevel, _ message: String) {
        host?.log(CORRAL_NO_CALL, level, message)
    }

    /// - Throws: ``AgentError`` with code `no_storage` and what to do about it.
    public func requireStorageFolder() throws -> String {
        guard let storageFolder else {
            throw AgentError(
                "no_storage", "this plugin needs a folder of its own: its card must ask for storage and policy allow it"
            )
        }
        return storageFolder
    }
}

/// A field of the plugin's configuration. The host checks it, fills the default in and prints the help.
public struct ConfigField: Sendable, Encodable {
    public enum FieldType: String, Sendable, Encodable {
        case string, int, double, bool, list, map
    }

    public var name: String
    public var type: FieldType
    public var defaultValue: JSON?
    public var isRequired: Bool
    /// For numbers, inclusive.
    public var minimum: Double?
    public var maximum: Double?
    /// For strings: the allowed values; empty = any.
    public var choices: [String]
    public var help: String

    public init(
        _ name: String, _ type: FieldType, default defaultValue: JSON? = nil, required isRequired: Bool = false,
        minimum: Double? = nil, maximum: Double? = nil, choices: [String] = [], help: String
    ) {
        self.name = name
        self.type = type
        self.defaultValue = defaultValue
        self.isRequired = isRequired
        self.minimum = minimum
        self.maximum = maximum
        self.choices = choices
        self.help = help
    }

    enum CodingKeys: String, CodingKey {
        case name, type, minimum, maximum, choices, help
        case defaultValue = "default"
        case isRequired = "required"
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(type, forKey: .type)
        try container.encodeIfPresent(defaultValue, forKey: .defaultValue)
        if isRequired { try container.encode(true, forKey: .isRequired) }
        try container.encodeIfPresent(minimum, forKey: .minimum)
        try container.encodeIfPresent(maximum, forKey: .maximum)
        if !choices.isEmpty { try container.encode(choices, forKey: .choices) }
        try container.encode(help, forKey: .help)
    }
}

/// A named text that the plugin ships and people may replace: ``AgentContext/prompt(_:_:)`` renders it.
public struct PromptDeclaration: Sendable, Encodable {
    public var name: String
    /// The default, with `{{variable}}` in it.
    public var text: String
    public var variables: [String]
    public var help: String

    public init(_ name: String, _ text: String, variables: [String] = [], help: String = "") {
        self.name = name
        self.text = text
        self.variables = variables
        self.help = help
    }
}
