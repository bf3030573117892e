package org.svcshare.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Columns under headings, as wide as they need to be.
final class Table {
    private static final String GAP = "  ";

    private final List<List<String>> rows = new ArrayList<>();
    private final int[] widths;

    Table(String... headings) {
        widths = new int[headings.length];
        row(headings);
    }

    void row(String... cells) {
        rows.add(Arrays.stream(cells).map(Table::plain).toList());
    }

    /// What others wrote must not steer our terminal.
    static String plain(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    /// Prints what has not been printed yet; columns get wider, never narrower.
    void print(PrintStream out) {
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], length(row.get(i)));
            }
        }
        for (List<String> row : rows) {
            var line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String cell = row.get(i);
                line.append(cell).append(" ".repeat(widths[i] - length(cell))).append(GAP);
            }
            out.println(line.toString().stripTrailing());
        }
        rows.clear();
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
