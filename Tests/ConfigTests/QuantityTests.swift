// SPDX-License-Identifier: Apache-2.0
// QuantityTests: the small notations inside values.

import CorralConfig
import Testing

@Suite struct QuantityTests {
    @Test(arguments: [
        ("500ms", 500), ("10s", 10_000), ("5m", 300_000), ("24h", 86_400_000), ("1h30m", 5_400_000),
        ("7d", 604_800_000),
        ("7_days", 604_800_000), ("1 week", 604_800_000), ("0s", 0), ("1m1s1ms", 61_001),
    ]) func readsDurations(_ text: String, _ milliseconds: Int) {
        #expect(DurationText.parse(text) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        "", "5", "h", "5 ", "5x", "-5s", "+5s", "5s ", "1.5h", "5__s", "5S", "٣s", "99999999999999999999s",
        "9223372036854775807h", "9223372036854775807ms1ms", "5s,", "5\u{0}s",
    ]) func refusesOtherTexts(_ text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(arguments: ["0s", "500ms", "5m", "1h30m", "7d", "1d1h1m1s1ms"]) func writesWhatItReads(_ text: String) throws
    {
        #expect(DurationText.write(try #require(DurationText.parse(text))) == text)
    }
}
