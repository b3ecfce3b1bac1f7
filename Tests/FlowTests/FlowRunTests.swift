// SPDX-License-Identifier: Apache-2.0
// FlowRunTests: the state machine, event by event.

import CorralBase
import CorralFlow
import Testing

@Suite struct FlowRunTests {
    @Test func runsTheReviewFromLoadToReport() throws {
        var drive = try Drive(
            """
            flow: market-review
            input:
              prices: {type: file}
              symbol: string
            steps:
              load: {agent: corral/market-data, with: {prices: "${input.prices}", symbol: "${input.symbol}"}}
              technical: {agent: corral/technical-analyst, after: load, with: {bars: "${load.bars}"}}
              risk: {agent: corral/risk-manager, after: load, with: {bars: "${load.bars}"}}
              decide: {agent: corral/portfolio-manager, after: [technical, risk]}
              report: {agent: corral/report-writer, after: decide, with: {bars: "${load.bars}", d: "${decide}"}}
            output: "${report}"
            """, input: ["prices": ["$artifact": "abc"], "symbol": "SPX"])
        drive.start()
        #expect(drive.inputs == ["load#1": ["prices": ["$artifact": "abc"], "symbol": "SPX"]])
        drive.succeed("load", ["bars": [1, 2, 3]])
        #expect(drive.inputs == ["technical#1": ["bars": [1, 2, 3]], "risk#1": ["bars": [1, 2, 3]]])
        drive.succeed("risk", ["var": 0.1])
        #expect(drive.inputs.keys.sorted() == ["technical#1"])
        drive.succeed("technical", ["trend": "up"])
        #expect(drive.inputs == ["decide#1": ["technical": ["trend": "up"], "risk": ["var": 0.1]]])
        drive.succeed("decide", ["action": "hold"])
        #expect(drive.inputs == ["report#1": ["bars": [1, 2, 3], "d": ["action": "hold"]]])
        drive.succeed("report", "done")
        #expect(drive.run.outcome == .succeeded(output: "done"))
    }
}
