// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import MarketBars

/// corral/report-writer: what others found in, one HTML and one Markdown file out.
package struct ReportWriterAgent: Agent {
    package static let card = AgentCard(
        "corral/report-writer", version: "1.0.0", role: "Writes a market report as HTML and Markdown")

    package struct Output: Codable, Sendable {
        package var title: String
        package var symbol: String
        /// Date of the last bar.
        package var asOf: String
        package var headline: Report.Statistics?
        /// What to do, and whether compliance lets it: absent without a decision.
        package var decision: Report.Outcome?
        /// One file that needs nothing else.
        package var html: Artifact
        package var markdown: Artifact

        enum CodingKeys: String, CodingKey {
            case title, symbol, headline, decision, html, markdown
            case asOf = "as_of"
        }
    }

    package init() {}

    package func run(_ input: ReportRequest, _ context: AgentContext) async throws -> AgentResult<Output> {
        let report: Report
        do {
            report = try Report(input)
        } catch let fault as DataFault {
            throw AgentError("nothing_to_report", fault.description)
        }
        context.progress(0.3, "drawing charts")
        let html = try await context.attach(name: "report.html", mediaType: "text/html", text: report.html)
        context.progress(0.8, "writing Markdown")
        let markdown = try await context.attach(name: "report.md", mediaType: "text/markdown", text: report.markdown)
        let output = Output(
            title: report.title, symbol: report.symbol, asOf: report.asOf, headline: report.statistics,
            decision: report.outcome, html: html, markdown: markdown)
        return AgentResult(output, confidence: input.decision?.confidence ?? input.technical?.confidence)
    }
}
