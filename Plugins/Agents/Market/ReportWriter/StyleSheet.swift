// SPDX-License-Identifier: Apache-2.0

/// The look of the page: one column of text, quiet rules, figures that line up; light, dark, phone and paper.
enum StyleSheet {
    static let text = """
        :root {
          color-scheme: light dark;
          --paper: #fbfaf7; --panel: #ffffff; --ink: #1d2129; --soft: #5b6270; --rule: #e3e0d8; --grid: #ebe8e1;
          --price: #1f4e8c; --medium: #b3670b; --long: #75389a; --band: #1f4e8c; --volume: #8b95a5;
          --up: #17704f; --down: #b0352a;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #14171c; --panel: #1a1e25; --ink: #e7e6e2; --soft: #9ea5b1; --rule: #2d333d; --grid: #252a33;
            --price: #86b6f6; --medium: #e6a855; --long: #c99be8; --band: #86b6f6; --volume: #6b7585;
            --up: #5cc59a; --down: #f08a7e;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body {
          margin: 0; background: var(--paper); color: var(--ink);
          font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif;
          font-variant-numeric: tabular-nums;
        }
        main { max-width: 908px; margin: 0 auto; padding: 56px 24px 40px; }
        h1, h2, h3 { line-height: 1.2; font-weight: 600; text-wrap: balance; overflow-wrap: anywhere; }
        h1, h2 { font-family: Charter, "Iowan Old Style", Georgia, "Liberation Serif", serif; letter-spacing: -0.01em; }
        h1 { font-size: 44px; margin: 0 0 20px; }
        h2 { font-size: 26px; margin: 0 0 6px; }
        h3 { font-size: 15px; margin: 0; }
        p { margin: 0 0 12px; max-width: 68ch; overflow-wrap: anywhere; }
        .kicker { color: var(--soft); font-size: 14px; margin-bottom: 10px; }
        .lead { font-size: 19px; line-height: 1.55; max-width: 60ch; }
        .quiet, .caption { color: var(--soft); font-size: 14px; }
        section { margin-top: 56px; }
        .bullish { color: var(--up); fill: var(--up); }
        .bearish { color: var(--down); fill: var(--down); }
        .neutral { color: var(--soft); fill: var(--soft); }

        .figures {
          display: grid; grid-template-columns: repeat(4, 1fr); gap: 1px; margin: 36px 0 0;
          background: var(--rule); border: 1px solid var(--rule); border-radius: 10px; overflow: hidden;
        }
        .figures.three { grid-template-columns: repeat(3, 1fr); }
        .figures div { background: var(--panel); padding: 14px 16px 12px; }
        .figures dt { color: var(--soft); font-size: 13px; }
        .figures dd { margin: 2px 0 0; }
        .figures strong {
          display: block; font-size: 22px; font-weight: 600; line-height: 1.35; letter-spacing: -0.01em;
        }
        .figures .long strong { font-size: 16px; line-height: 30px; white-space: nowrap; }
        .figures dd span { color: var(--soft); font-size: 12.5px; line-height: 1.35; display: block; }

        .gauge { display: flex; align-items: center; gap: 12px 28px; flex-wrap: wrap; margin: 18px 0 14px; }
        .gauge svg { width: 320px; max-width: 100%; height: auto; }
        .gauge p { margin: 0; }
        .gauge .track { stroke: var(--rule); stroke-width: 6; stroke-linecap: round; }
        .gauge line.middle { stroke: var(--soft); stroke-width: 1; }
        .gauge circle { stroke: var(--paper); stroke-width: 2.5; }

        table { border-collapse: collapse; width: 100%; font-size: 14px; line-height: 1.45; }
        th, td { text-align: left; vertical-align: top; padding: 9px 14px 9px 0; border-bottom: 1px solid var(--rule); }
        th { font-weight: 600; }
        thead th { color: var(--soft); font-weight: 500; font-size: 13px; white-space: nowrap; }
        th:last-child, td:last-child { padding-right: 0; }
        .signals tbody th { white-space: nowrap; }
        .vote { white-space: nowrap; }
        .strength { display: inline-flex; align-items: center; gap: 8px; white-space: nowrap; }
        .meter { width: 48px; height: 6px; }
        .meter .track { fill: var(--rule); }
        .meter.middle { width: 72px; height: 8px; }
        .banner {
          margin: 0 0 20px; padding: 12px 16px; max-width: none; border: 1px solid var(--down); border-radius: 10px;
          color: var(--down); font-weight: 600;
        }
        .facts { margin: 10px 0 16px; }
        .facts tbody th { font-weight: 500; white-space: nowrap; }
        .facts td strong { font-weight: 600; }
        .facts .number { text-align: right; white-space: nowrap; }
        .scroll { overflow-x: auto; }
        .numbers th:not(:first-child), .numbers td { text-align: right; }
        .numbers th, .numbers td { padding: 5px 0 5px 18px; white-space: nowrap; }
        .numbers th:first-child { padding-left: 0; }
        .numbers tbody th { font-weight: 400; }
        details { margin-top: 6px; font-size: 14px; }
        summary { color: var(--soft); cursor: pointer; width: max-content; padding: 2px 0; }
        summary:focus-visible { outline: 2px solid var(--price); outline-offset: 3px; border-radius: 2px; }

        figure { margin: 26px 0 0; }
        figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 20px; margin-bottom: 6px; }
        .legend {
          list-style: none; display: flex; flex-wrap: wrap; gap: 2px 16px; margin: 0; padding: 0;
          font-size: 13px; color: var(--soft);
        }
        .legend svg { width: 20px; height: 10px; margin-right: 6px; }
        .chart { display: block; width: 100%; height: auto; }
        .chart.narrow { display: none; }
        .caption { margin: 6px 0 0; }
        text { font-size: 12px; fill: var(--soft); font-family: inherit; }
        text.strong { fill: var(--ink); font-weight: 600; }
        text.middle { text-anchor: middle; }
        text.end { text-anchor: end; }
        .grid { stroke: var(--grid); stroke-width: 1; }
        .grid.mark { stroke: var(--soft); stroke-opacity: 0.45; stroke-dasharray: 3 4; }
        .line { fill: none; stroke-width: 1.6; stroke-linejoin: round; stroke-linecap: round; }
        .line.thin { stroke-width: 1.2; }
        .line.price { stroke: var(--price); }
        .line.up { stroke: var(--up); }
        .line.down { stroke: var(--down); }
        .line.quiet { stroke: var(--volume); }
        .line.medium { stroke: var(--medium); }
        .line.long { stroke: var(--long); stroke-dasharray: 6 3; }
        .line.fall { stroke: var(--down); stroke-width: 1; }
        .fill.band { fill: var(--band); fill-opacity: 0.12; }
        .fill.fall { fill: var(--down); fill-opacity: 0.16; }
        .columns { fill: none; }
        .columns.volume { stroke: var(--volume); }
        .columns.up { stroke: var(--up); stroke-opacity: 0.6; }
        .columns.down { stroke: var(--down); stroke-opacity: 0.6; }
        circle.last { fill: var(--price); }

        ul { padding-left: 20px; margin: 0 0 12px; max-width: 72ch; }
        .methods {
          display: grid; grid-template-columns: max-content 1fr; gap: 6px 24px; font-size: 14px; margin: 14px 0 0;
        }
        .methods dt { font-weight: 600; }
        .methods dd { margin: 0; color: var(--soft); max-width: 68ch; }
        footer {
          margin-top: 56px; padding-top: 18px; border-top: 1px solid var(--rule);
          color: var(--soft); font-size: 13.5px;
        }

        @media (max-width: 640px) {
          main { padding: 28px 16px 32px; }
          h1 { font-size: 33px; }
          h2 { font-size: 23px; }
          .lead { font-size: 17px; }
          section { margin-top: 44px; }
          .figures, .figures.three { grid-template-columns: repeat(2, 1fr); }
          .figures div { padding: 12px; }
          .figures .long strong { font-size: 15px; letter-spacing: -0.02em; }
          .chart.wide { display: none; }
          .chart.narrow { display: block; }
          .signals thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
          .signals tr {
            display: grid; grid-template-columns: 1fr auto 96px; gap: 2px 12px;
            border-bottom: 1px solid var(--rule); padding: 10px 0;
          }
          .signals th, .signals td { border: 0; padding: 0; }
          .signals .reading { grid-column: 1 / -1; color: var(--soft); }
          .facts td:last-child { min-width: 150px; }
          .facts td.number:last-child { min-width: 0; }
          .methods { grid-template-columns: 1fr; gap: 0; }
          .methods dd { margin-bottom: 10px; }
        }

        @media print {
          :root {
            color-scheme: light;
            --paper: #ffffff; --panel: #ffffff; --ink: #000000; --soft: #4a4f58; --rule: #cfcfcf; --grid: #e6e6e6;
            --price: #1f4e8c; --medium: #b3670b; --long: #75389a; --band: #1f4e8c; --volume: #8b95a5;
            --up: #17704f; --down: #b0352a;
          }
          @page { margin: 16mm; }
          body { font-size: 10.5pt; }
          main { max-width: none; padding: 0; }
          h1 { font-size: 26pt; }
          h2, h2 + .quiet, figcaption { break-after: avoid; }
          .methods dd { break-inside: avoid; }
          section { margin-top: 28px; }
          figure, .figures, tr, .gauge { break-inside: avoid; }
          .figures { grid-template-columns: repeat(4, 1fr); }
          .chart.wide { display: block; }
          .chart.narrow { display: none; }
          details:not([open]) { display: none; }
        }

        """
}
