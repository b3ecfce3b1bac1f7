// SPDX-License-Identifier: Apache-2.0

/// What a chart shows, free of pixels: the renderer draws it once for wide screens and paper, once for phones.
struct Chart {
    enum Layer {
        /// A line; nil breaks it.
        case line(name: String, style: String, values: [Double?])
        /// The space between two lines.
        case band(name: String, style: String, upper: [Double?], lower: [Double?])
        /// The space between a line and zero.
        case area(name: String, style: String, values: [Double?])
        /// Columns from zero; with two styles, one for each sign.
        case columns(name: String, up: String, down: String, values: [Double?])
    }

    struct Mark {
        let value: Double
        let label: String
    }

    enum Scale {
        case linear
        /// Equal distances are equal ratios, so that 2000 and 2018 can be compared.
        case logarithmic
        /// A range that is the same in every report.
        case fixed(ClosedRange<Double>)
    }

    /// Part of element ids: letters only.
    let name: String
    let title: String
    /// One or two sentences that say what the picture says.
    let description: String
    let dates: [String]
    let layers: [Layer]
    var scale = Scale.linear
    /// Horizontal lines with a meaning, such as 70 and 30 of the RSI.
    var marks: [Mark] = []
    /// Whether the scale must show zero.
    var includesZero = false
    /// Height on a wide screen, in CSS pixels.
    var height = 260.0
    /// The value of this layer is written beside its end.
    var labelsLastOf: Int?
    /// For the axis, short.
    let format: @Sendable (Double) -> String
    /// For the table of numbers; like the axis when nil.
    var tableFormat: (@Sendable (Double) -> String)?
    /// Bars that the table of numbers lists.
    let tableRows: [Int]
}

extension Chart.Layer {
    var name: String {
        switch self {
        case .line(let name, _, _), .band(let name, _, _, _), .area(let name, _, _), .columns(let name, _, _, _): name
        }
    }

    /// The columns of numbers behind the picture.
    var columns: [(name: String, values: [Double?])] {
        switch self {
        case .line(let name, _, let values), .area(let name, _, let values), .columns(let name, _, _, let values):
            [(name, values)]
        case .band(let name, _, let upper, let lower): [("\(name), lower", lower), ("\(name), upper", upper)]
        }
    }
}
