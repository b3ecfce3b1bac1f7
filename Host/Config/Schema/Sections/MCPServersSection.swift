// SPDX-License-Identifier: Apache-2.0
// MCPServersSection: Model Context Protocol servers, in the form other MCP clients use, so that their files fit.

import CorralBase

extension Field {
    static let mcpServersSection = Field(
        "mcpServers", .dictionary(of: .map(server), placeholder: "SERVER"), "Model Context Protocol servers, by name.",
        effect: .inert("no MCP server is started"))

    private static let server: [Field] = [
        .choice("type", ["stdio", "http", "sse"], "stdio", "How the server is reached."),
        Field("command", .scalar(.text), "The program that is the server.", needs: ["*": .program]),
        Field("args", .list(of: .scalar(.text)), "Its arguments."),
        Field("url", .scalar(.url), "The address of a server that is reached by HTTP."),
        .text("description", "What it is for."),
        Field("tools", .list(of: .map(tool)), "The tools that are used; all when absent."),
        Field(
            "env", .dictionary(of: .scalar(.text), placeholder: "NAME"), "Its environment.", isSensitive: true),
        Field(
            "headers", .dictionary(of: .scalar(.text), placeholder: "NAME"), "HTTP headers sent to it.",
            isSensitive: true),
    ]

    private static let tool: [Field] = [
        .text("name", "The tool's name.", isRequired: true),
        .text("description", "What it is for."),
    ]
}
