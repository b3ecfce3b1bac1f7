// SPDX-License-Identifier: Apache-2.0
import CorralSDK
import Foundation
import MarketBars
import Testing

@testable import PortfolioManager

@Suite struct DecisionTests {
    @Test func sizesByVolatilityKellyAndCap() throws {
        let decision = try Decision.make(Sample.evidence(Sample.bullish))
        #expect(decision.action == .buy && decision.contributions.first?.factor == "trend")
        let size = try #require(decision.size)
        // 10 % / 20 %; half of (8 % + 2 %) / 4 % is 125 %; the cap is 100 %.
        #expect(size.volatilityBound == 0.5 && abs((size.kellyBound ?? 0) - 1.25) < 1e-12 && size.capBound == 1)
        #expect(size.bound == "volatility" && size.volatilityFrom == "the whole record" && size.quality == 1)
        #expect(abs(decision.weight - 0.5 * size.conviction) < 1e-4)
        #expect(decision.summary.hasPrefix("Buy X with ") && decision.summary.contains("the trend is up"))
        #expect(decision.absences == ["backtests", "seasonality"])
    }

    @Test func saysWhatChangedAndThatItFlipped() throws {
        let first = try Decision.make(Sample.evidence(Sample.bullish))
        #expect(first.changed == nil)
        let kept = try #require(PreviousDecision(remembered: first.remembered))
        let same = try Decision.make(Sample.evidence(Sample.bullish), previous: kept)
        #expect(same.changed?.isFlip == false && same.changed?.movers.isEmpty == true)
        #expect(same.changed?.text == "The decision of 31 May 2024 was buy too. Nothing moved.")
        let second = try Decision.make(Sample.evidence(Sample.bearish), previous: kept)
        let change = try #require(second.changed)
        #expect(second.action == .sell && second.weight == 0 && change.isFlip)
        #expect(change.movers.first?.factor == "trend" && change.weightChange == -first.weight)
        #expect(change.text.hasPrefix("The decision of 31 May 2024 was buy; it is now sell."))
    }

    @Test func aLaterDecisionIsNoPreviousOne() throws {
        let later = PreviousDecision(action: "sell", weight: 0, asOf: "2025-01-01")
        #expect(try Decision.make(Sample.evidence(Sample.bullish), previous: later).changed == nil)
    }

    @Test func whatWasBlockedComesBackAsAFlip() throws {
        let blocked = PreviousDecision(action: "blocked", weight: 0.2)
        let change = try #require(try Decision.make(Sample.evidence(Sample.bullish), previous: blocked).changed)
        #expect(change.isFlip && change.movers.isEmpty && change.scoreChange == nil)
    }

    @Test func aHoldKeepsThePosition() throws {
        let neutral = #"{"symbol": "X", "technical": {"score": 0.05}, "anomalies": {"grade": "B"}}"#
        let held = try Decision.make(
            Sample.evidence(neutral), previous: PreviousDecision(action: "buy", weight: 0.3))
        #expect(held.action == .hold && held.weight == 0.3 && held.size == nil)
        #expect(try Decision.make(Sample.evidence(neutral)).weight == 0)
    }

    @Test func nothingIsDecidedOnDataOfGradeF() throws {
        let poor = Sample.bullish.replacing("\"A\"", with: "\"F\"")
        let decision = try Decision.make(Sample.evidence(poor))
        #expect(decision.action == .hold && decision.confidence == 0 && decision.overruled?.contains("grade F") == true)
    }

    @Test func withoutAVolatilityThereIsNoSize() throws {
        let decision = try Decision.make(Sample.evidence(#"{"symbol": "X", "technical": {"score": 0.9}}"#))
        #expect(decision.action == .hold && decision.overruled?.contains("no volatility is known") == true)
    }

    @Test func aCalmMonthDoesNotHideALoudHistory() throws {
        let loud = Sample.bullish.replacing("\"measure\": 0.1", with: "\"measure\": 0.4")
        let size = try #require(try Decision.make(Sample.evidence(loud)).size)
        #expect(size.volatility == 0.4 && size.volatilityFrom == "the present" && size.volatilityBound == 0.25)
    }

    @Test func rulesThatDidNotBeatHoldingHaveNoVoice() throws {
        let json = """
            {"symbol": "X", "backtests": [null,
              {"strategy": {"name": "sma_cross"}, "result": {"sharpe": 0.1}, "buy_and_hold": {"sharpe": 0.2}, "side": 1},
              {"strategy": {"name": "breakout"}, "result": {"sharpe": 0.45}, "buy_and_hold": {"sharpe": 0.2}, "side": 0}]}
            """
        let part = try #require(try Decision.make(Sample.evidence(json)).contributions.first)
        #expect(part.value == -0.25 && part.reason.contains("sma cross did not beat holding"))
        #expect(part.reason.contains("breakout is out"))
    }

    @Test func nobodySayingAnythingIsAHoldWithoutConfidence() throws {
        let decision = try Decision.make(Sample.evidence(#"{"symbol": "X", "risk": null, "regime": {}}"#))
        #expect(decision.action == .hold && decision.confidence == 0 && decision.score == 0)
        #expect(decision.summary.contains("nobody had anything to say"))
    }

    struct Refusal: Sendable {
        var json: String
        var says: String
    }

    @Test(
        arguments: [
            Refusal(json: "{}", says: "which symbol"),
            Refusal(
                json: #"{"symbol": "X", "technical": {"symbol": "Y", "score": 0}}"#,
                says: #"different symbols: "X", "Y""#),
            Refusal(json: #"{"symbol": "X", "technical": {"score": 3}}"#, says: "technical.score is 3.0"),
            Refusal(
                json: #"{"symbol": "X", "risk": {"annual_volatility": -1}}"#, says: "risk.annual_volatility is -1.0"),
            Refusal(
                json: #"{"symbol": "X", "parameters": {"target_volatility": 0}}"#, says: "target_volatility is 0.0"),
            Refusal(json: #"{"symbol": "X", "parameters": {"sell_below": 0.1}}"#, says: "sell_below is 0.1"),
            Refusal(json: #"{"symbol": "X", "parameters": {"kelly_share": 2}}"#, says: "kelly_share is 2.0"),
        ]) func refuses(_ refusal: Refusal) throws
    {
        let evidence = try Sample.evidence(refusal.json)
        let fault = #expect(throws: DataFault.self) { try Decision.make(evidence) }
        #expect(fault?.message.contains(refusal.says) == true, "\(refusal.json): \(fault?.message ?? "")")
    }

    @Test func whatIsNoDecisionIsNotRemembered() {
        for value: JSON in [.null, .text("buy"), ["action": "buy"], ["action": 1, "weight": 1]] {
            #expect(PreviousDecision(remembered: value) == nil)
        }
        let bare = PreviousDecision(remembered: ["action": "buy", "weight": 1])
        #expect(bare == PreviousDecision(action: "buy", weight: 1))
    }
}
