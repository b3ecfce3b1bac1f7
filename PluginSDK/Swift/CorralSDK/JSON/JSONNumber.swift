// SPDX-License-Identifier: Apache-2.0

/// The value of a JSON number's text.
enum JSONNumber {
    /// The powers of ten that a double holds exactly.
    private static let exactPowers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20, 1e21, 1e22,
    ]

    /// The nearest double; nil when the number is too large for one.
    static func double(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        if let value = exactDouble(text) { return value }
        guard let value = Double(String(decoding: text, as: UTF8.self)), value.isFinite else { return nil }
        return value
    }

    /// W. D. Clinger, "How to Read Floating Point Numbers Accurately" (PLDI 1990): when the digits fit 53 bits and the
    /// power of ten is exact, one multiplication or division rounds correctly. Nil when that does not apply.
    private static func exactDouble(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
        var at = 0
        var mantissa: UInt64 = 0
        var exponent = 0
        var sawPoint = false
        let isNegative = text[0] == UInt8(ascii: "-")
        if isNegative { at = 1 }
        while at < text.count {
            let byte = text[at]
            let digit = byte &- UInt8(ascii: "0")
            if digit < 10 {
                mantissa = mantissa &* 10 &+ UInt64(digit)
                if mantissa > 1 << 53 { return nil }
                if sawPoint { exponent -= 1 }
            } else if byte == UInt8(ascii: ".") {
                sawPoint = true
            } else {
                return nil
            }
            at += 1
        }
        guard exponent >= -22 else { return nil }
        let magnitude = Double(mantissa) / exactPowers[-exponent]
        return isNegative ? -magnitude : magnitude
    }

    /// The integer, also from texts such as `5.0` and `1e3`; nil when there is none or it does not fit.
    static func integer<I: FixedWidthInteger>(
        _ text: UnsafeBufferPointer<UInt8>, _ type: I.Type, allowingPoint: Bool = true
    ) -> I? {
        var value: I = 0
        let isNegative = text[0] == UInt8(ascii: "-")
        for byte in text.dropFirst(isNegative ? 1 : 0) {
            let digit = byte &- UInt8(ascii: "0")
            guard digit < 10 else { return allowingPoint ? double(text).flatMap { I(exactly: $0) } : nil }
            let (shifted, shiftOverflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) =
                isNegative
                ? shifted.subtractingReportingOverflow(I(digit)) : shifted.addingReportingOverflow(I(digit))
            if shiftOverflow || sumOverflow { return nil }
            value = sum
        }
        return value
    }
}
