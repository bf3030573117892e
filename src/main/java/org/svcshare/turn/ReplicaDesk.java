package org.svcshare.turn;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What people are told of the copies of the service.
///
/// Names of nodes and reasons are others' words: each line begins with ours, and is short enough
/// that the channel does not cut it in two.
final class ReplicaDesk {
    /// So that a line with the longest names before it is not cut in two.
    private static final int LINE_BYTES = 220;

    /// More would flood the channel.
    private static final int MOST_LINES = 4;

    private static final int NAME_BYTES = 60;
    private static final int WHY_BYTES = 60;
    private static final int TROUBLE_BYTES = 160;
    private static final String GAP = " · ";

    private final Situation at;
    private final Outbox out;

    ReplicaDesk(Situation at, Outbox out) {
        this.at = at;
        this.out = out;
    }

    void wishes(Asker asker, ReplicaWish wish) {
        if (wish instanceof ReplicaWish.Maintenance(String node, boolean on)) {
            out.note(
                    new Happening.Commanded(
                            asker.nick(), "maintenance " + name(node) + (on ? " on" : " off")));
        }
        out.add(new TurnEffect.AskReplicas(asker, wish));
    }

    void answered(Asker asker, ReplicaNews news) {
        switch (news) {
            case ReplicaNews.Nodes(List<ReplicaNews.Row> rows, String trouble) ->
                    nodes(asker, rows, trouble);
            case ReplicaNews.Maintained(String node, boolean on) ->
                    out.answerAndTell(
                            asker,
                            "Node "
                                    + name(node)
                                    + (on
                                            ? " is in maintenance: its writes are kept."
                                            : " is not in maintenance any longer."));
            case ReplicaNews.NoSuchNode(String node) ->
                    out.answer(asker, "There is no node \"" + name(node) + "\".");
            case ReplicaNews.NoReplicas() -> out.answer(asker, "No nodes here.");
            case ReplicaNews.NotDone(String node, String why) ->
                    out.answer(
                            asker,
                            "Not done with "
                                    + name(node)
                                    + ": "
                                    + OthersWords.clean(why, TROUBLE_BYTES));
        }
    }

    private void nodes(Asker asker, List<ReplicaNews.Row> rows, String trouble) {
        if (rows.isEmpty()) {
            out.answer(asker, "No nodes yet.");
        } else {
            lines(rows).forEach(line -> out.answer(asker, line));
        }
        if (!trouble.isEmpty()) {
            out.answer(asker, "No writes are taken: " + OthersWords.clean(trouble, TROUBLE_BYTES));
        }
    }

    /// As many nodes to a line as it has room for.
    private List<String> lines(List<ReplicaNews.Row> rows) {
        var lines = new ArrayList<String>();
        String first = rows.size() == 1 ? "1 node: " : rows.size() + " nodes: ";
        var line = new StringBuilder(first);
        boolean begun = false;
        for (int i = 0; i < rows.size(); i++) {
            String part = told(rows.get(i));
            if (begun && OthersWords.bytes(line + GAP + part) > LINE_BYTES) {
                if (lines.size() == MOST_LINES - 1) {
                    lines.add(line + " and " + (rows.size() - i) + " more");
                    return lines;
                }
                lines.add(line.toString());
                line = new StringBuilder("Also: ");
                begun = false;
            }
            line.append(begun ? GAP : "").append(part);
            begun = true;
        }
        lines.add(line.toString());
        return lines;
    }

    private String told(ReplicaNews.Row row) {
        var facts = new ArrayList<String>();
        facts.add(name(row.node()) + " " + row.state().words());
        if (row.maintenance()) {
            facts.add("in maintenance");
        } else if (!row.up()) {
            facts.add("does not answer");
        }
        if (row.writes() > 0) {
            facts.add(row.writes() == 1 ? "1 write" : row.writes() + " writes");
            row.oldest().ifPresent(oldest -> facts.add("oldest " + age(oldest)));
        }
        if (row.parked() > 0) {
            facts.add(row.parked() + " parked");
        }
        if (row.state() == ReplicaNews.State.OUT_OF_STEP && !row.why().isBlank()) {
            facts.add(OthersWords.clean(row.why(), WHY_BYTES));
        }
        return String.join(", ", facts);
    }

    private static String name(String node) {
        return OthersWords.clean(node, NAME_BYTES);
    }

    private String age(Instant since) {
        Duration age = Duration.between(since, at.now);
        if (age.toDays() > 0) {
            return age.toDays() + "d";
        }
        if (age.toHours() > 0) {
            return age.toHours() + "h";
        }
        return age.toMinutes() > 0 ? age.toMinutes() + "m" : Math.max(0, age.toSeconds()) + "s";
    }
}
