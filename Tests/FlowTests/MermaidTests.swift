// SPDX-License-Identifier: Apache-2.0
// MermaidTests: the picture of a flow is a stable text.

import CorralFlow
import Testing

@Suite struct MermaidTests {
    @Test func drawsStepsItemsAndConditions() throws {
        let flow = try FlowDefinition.parse(
            """
            flow: f
            steps:
              load: {agent: corral/market-data, with: {}}
              end: {tool: corral/libm.pow, after: load, for_each: "${load.xs}", as: x, max_parallel: 4}
              tell: {agent: acme/mail, after: [load, end], when: "load.n > 1 && load.name == \\"a\\""}
            """, file: "f")
        #expect(
            flow.mermaid == """
                flowchart TD
                    load_["<b>load</b><br/>corral/market-data"]
                    end_[["<b>end</b><br/>corral/libm.pow<br/>for each x"]]
                    tell_["<b>tell</b><br/>acme/mail<br/>when load.n #gt; 1 #amp;#amp; load.name == #quot;a#quot;"]
                    load_ --> end_
                    load_ --> tell_
                    end_ --> tell_

                """)
    }
}
