// SPDX-License-Identifier: Apache-2.0
import CorralBase
import CorralExpression
import Glibc

/// Holds one output against one rule. Pure: the same input, output and rule give the same verdict.
struct RuleJudge {
    let input: JSON
    let output: JSON

    /// - Parameter rule: one element of `criteria`.
    func verdict(on rule: JSON) -> Verdict {
        do throws(RuleFault) {
            return try verdict(on: Criterion(rule))
        } catch {
            return .abstained("the rule cannot be used: \(error.why)")
        }
    }

    private func verdict(on criterion: Criterion) -> Verdict {
        let names = ["input": input, "output": output]
        do throws(ExpressionError) {
            if let condition = criterion.condition, try !condition.condition(names) {
                return .abstained("\(quoted(condition.text)) is not so")
            }
            let value = try criterion.subject.json(names)
            return verdict(criterion, value)
        } catch {
            return .abstained(error.message)
        }
    }

    private func verdict(_ criterion: Criterion, _ value: JSON) -> Verdict {
        let what = quoted(criterion.subject.text)
        return switch criterion.test {
        case .schema(let check): schema(check, value, what)
        case .contains(let texts, let ignoresCase): contains(texts, ignoresCase, value, what)
        case .lacks(let texts, let ignoresCase): lacks(texts, ignoresCase, value, what)
        case .length(let span, let unit): length(span, unit, value, what)
        case .range(let span, let tolerance): range(span, tolerance, value, what)
        case .expression: expression(value, what)
        }
    }

    // MARK: The kinds

    /// Three points for each fault: 10, 7, 4, 1.
    private func schema(_ check: SchemaCheck, _ value: JSON, _ what: String) -> Verdict {
        guard let faults = check.faults(of: value) else { return .abstained("\(what) takes too long to check") }
        guard !faults.isEmpty else { return .passed("\(what) fits its schema") }
        let named = faults.prefix(3).joined(separator: "; ")
        let more = faults.count > 3 ? "; and \(faults.count - 3) more" : ""
        return Verdict(
            score: max(Verdict.worst, Verdict.best - 3 * Double(faults.count)),
            explanation: "\(what) does not fit its schema: \(named)\(more)")
    }

    /// The share of the texts that are there.
    private func contains(_ texts: [String], _ ignoresCase: Bool, _ value: JSON, _ what: String) -> Verdict {
        let content = TextContent(value, ignoresCase: ignoresCase)
        let missing = texts.filter { !content.contains($0) }
        guard !missing.isEmpty else {
            return .passed(texts.count == 1 ? "\(what) says it" : "\(what) says all \(texts.count) texts")
        }
        let share = Double(texts.count - missing.count) / Double(texts.count)
        return .share(share, "\(what) does not say \(list(missing))")
    }

    /// One that is there is as bad as ten.
    private func lacks(_ texts: [String], _ ignoresCase: Bool, _ value: JSON, _ what: String) -> Verdict {
        let content = TextContent(value, ignoresCase: ignoresCase)
        let found = texts.filter { content.contains($0) }
        return found.isEmpty ? .passed("\(what) says none of what it must not") : .failed("\(what) says \(list(found))")
    }

    /// Outside, each doubling or halving of the length costs all nine points; a quarter more costs a third of them.
    private func length(_ span: Span, _ unit: LengthUnit, _ value: JSON, _ what: String) -> Verdict {
        guard let count = TextContent.length(of: value, in: unit) else {
            return .abstained("a \(value.typeName) has no length in \(unit.rawValue)")
        }
        let number = Double(count)
        let text =
            "\(what) has \(unit.text(count)), \(span.text) \(span.contains(number) ? "is right" : "was asked for")"
        guard !span.contains(number) else { return .passed(text) }
        let bound = span.bound(nearestTo: number)
        guard number > 0, bound > 0 else { return .failed(text) }
        return .share(1 - abs(log2(number / bound)), text)
    }

    /// Outside, the score falls to 1 over the tolerance.
    private func range(_ span: Span, _ tolerance: Double, _ value: JSON, _ what: String) -> Verdict {
        guard let number = value.doubleValue else { return .abstained("\(what) is a \(value.typeName), not a number") }
        let isIn = span.contains(number)
        let text = "\(what) is \(NumberText.of(number)), \(span.text) \(isIn ? "is right" : "was asked for")"
        guard !isIn else { return .passed(text) }
        guard tolerance > 0 else { return .failed(text) }
        return .share(1 - abs(number - span.bound(nearestTo: number)) / tolerance, text)
    }

    /// True is 10 and false is 1; a number from 1 to 10 is the score itself.
    private func expression(_ value: JSON, _ what: String) -> Verdict {
        if let flag = value.boolValue {
            return flag ? .passed("\(what) is so") : .failed("\(what) is not so")
        }
        guard let number = value.doubleValue else {
            return .abstained("\(what) gives a \(value.typeName), neither true or false nor a number")
        }
        guard number >= Verdict.worst, number <= Verdict.best else {
            return .abstained("\(what) gives \(NumberText.of(number)), which is not from 1 to 10")
        }
        return Verdict(score: (number * 10).rounded() / 10, explanation: "\(what) gives \(NumberText.of(number))")
    }

    // MARK: Words

    private func list(_ texts: [String]) -> String {
        let named = texts.prefix(5).map { quoted($0) }.joined(separator: ", ")
        return texts.count > 5 ? "\(named) and \(texts.count - 5) more" : named
    }

    /// A rule's own words, cut where they are long. Explanations quote rules and numbers, never what an agent wrote.
    private func quoted(_ text: String) -> String {
        text.count <= 80 ? "\"\(text)\"" : "\"\(text.prefix(79))…\""
    }
}
