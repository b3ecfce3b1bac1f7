// SPDX-License-Identifier: Apache-2.0

/// Keys and tokens that say what they are: a prefix that their issuer chose so that scanners find them, and a body of
/// known letters and length. Shapes after gitleaks' rules (MIT) and the issuers' own pages.
struct KeyShape: Sendable {
    let prefix: String
    let body: ByteSet
    let length: ClosedRange<Int>

    private init(_ prefix: String, _ body: ByteSet, _ length: ClosedRange<Int>) {
        self.prefix = prefix
        self.body = body
        self.length = length
    }

    static let patterns = shapes.map { shape in Pattern.literal(shape.prefix) { shape.check($0, end: $1) } } + openAI

    private static let open = 10_000

    private static let shapes: [KeyShape] =
        ["AKIA", "ASIA", "ABIA", "ACCA"].map { KeyShape($0, .base32, 16...16) }
        + [KeyShape("A3T", .base32, 17...17)]
        + ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"].map { KeyShape($0, .alphanumerics, 36...255) }
        + [
            KeyShape("github_pat_", .words, 60...255), KeyShape("glpat-", .tokens, 20...255),
            KeyShape("gldt-", .tokens, 20...255), KeyShape("glrt-", .tokens, 20...255),
            KeyShape("sk-ant-", .tokens, 24...open), KeyShape("sk-proj-", .tokens, 20...open),
            KeyShape("sk-svcacct-", .tokens, 20...open), KeyShape("sk-admin-", .tokens, 20...open),
            KeyShape("sk-or-v1-", .tokens, 32...255), KeyShape("sk-lf-", .tokens, 32...255),
            KeyShape("sk-", .alphanumerics, 32...255),
        ] + ["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xapp-"].map { KeyShape($0, .tokens, 20...512) }
        + ["sk_test_", "sk_live_", "sk_prod_", "rk_test_", "rk_live_", "rk_prod_"].map {
            KeyShape($0, .alphanumerics, 10...255)
        } + [
            KeyShape("whsec_", .base64, 24...255), KeyShape("AIza", .tokens, 35...35),
            KeyShape("ya29.", .tokens, 20...open),
            KeyShape("GOCSPX-", .tokens, 28...28), KeyShape("npm_", .alphanumerics, 36...36),
            KeyShape("pypi-AgEIcHlwaS5vcmc", .tokens, 50...open), KeyShape("hf_", .alphanumerics, 34...40),
            KeyShape("SG.", .bearer, 60...80), KeyShape("dop_v1_", .hexadecimal, 64...64),
            KeyShape("doo_v1_", .hexadecimal, 64...64), KeyShape("dapi", .hexadecimal, 32...34),
            KeyShape("lin_api_", .alphanumerics, 40...48), KeyShape("shpat_", .alphanumerics, 32...32),
            KeyShape("shpss_", .alphanumerics, 32...32), KeyShape("sq0atp-", .tokens, 22...60),
            KeyShape("sq0csp-", .tokens, 43...60), KeyShape("hvs.", .tokens, 24...open),
            KeyShape("hvb.", .tokens, 100...open),
            KeyShape("ATATT3", .base64, 100...open), KeyShape("ntn_", .alphanumerics, 40...60),
            KeyShape("gsk_", .alphanumerics, 40...60), KeyShape("r8_", .alphanumerics, 37...37),
            KeyShape("pplx-", .alphanumerics, 40...60), KeyShape("xai-", .alphanumerics, 70...90),
            KeyShape("tskey-", .tokens, 20...100), KeyShape("fly_", .tokens, 40...open),
            KeyShape("PMAK-", .tokens, 50...70),
            KeyShape("rubygems_", .hexadecimal, 48...48), KeyShape("NRAK-", .alphanumerics, 27...27),
            KeyShape("EAAC", .alphanumerics, 80...400), KeyShape("dckr_pat_", .tokens, 27...60),
            KeyShape("hooks.slack.com/services/", .webhookPath, 24...100),
        ]

    private func check(_ pass: ScanPass, end: Int) {
        let start = end - prefix.utf8.count
        guard !pass.isCovered(end, for: .apiKeys), !isInside(pass.byte(start - 1)) else { return }
        let stop = pass.end(of: body, from: end, most: length.upperBound == Self.open ? .max : length.upperBound + 1)
        guard stop - end >= length.lowerBound else { return }
        guard length.upperBound == Self.open || stop - end <= length.upperBound else { return }
        if length.lowerBound == length.upperBound, ByteSet.words.contains(pass.byte(stop)) { return }
        pass.report(.apiKeys, start..<stop, confidence: 0.95)
    }

    /// A prefix in the middle of a word is a coincidence; `/` comes before the path of a web hook.
    private func isInside(_ before: UInt8) -> Bool {
        ByteSet.alphanumerics.contains(before) || before == UInt8(ascii: "_")
            || (before == UInt8(ascii: "-") && body.contains(before))
    }

    /// OpenAI's keys have "OpenAI" in Base64 in their middle, whatever they begin with.
    private static let openAI = [
        Pattern.literal("T3BlbkFJ") { pass, end in
            guard !pass.isCovered(end, for: .apiKeys) else { return }
            let start = pass.start(of: .tokens, before: end - 8, most: 200)
            let stop = pass.end(of: .tokens, from: end, most: 200)
            guard stop - start >= 40, pass.has("sk-", at: start) else { return }
            pass.report(.apiKeys, start..<stop, confidence: 1)
        }
    ]
}
