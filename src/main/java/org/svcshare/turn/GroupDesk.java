package org.svcshare.turn;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/// What people are told of the group and its store.
///
/// What is told are others' words, so each answer is one line of the channel that begins with ours,
/// and with none that could be a nick: a line that went on in a second one could begin there with a
/// command to another bot.
final class GroupDesk {
    /// So that a line with the longest names before it is not cut in two.
    private static final int LINE_BYTES = 220;

    private static final int KEY_BYTES = 80;
    private static final int NAME_BYTES = 40;
    private static final int WHY_BYTES = 100;

    private final Situation at;
    private final Outbox out;

    GroupDesk(Situation at, Outbox out) {
        this.at = at;
        this.out = out;
    }

    void wishes(Asker asker, GroupWish wish) {
        if (wish instanceof GroupWish.Put(String key, _)) {
            out.note(
                    new Happening.Commanded(
                            asker.nick(), "kv put " + OthersWords.clean(key, KEY_BYTES)));
        }
        out.add(new TurnEffect.AskGroup(asker, wish));
    }

    void answered(Asker asker, GroupNews news) {
        switch (news) {
            case GroupNews.Members(List<GroupNews.Row> rows, String trouble) ->
                    members(asker, rows, trouble);
            case GroupNews.Found found -> out.answer(asker, found(found));
            case GroupNews.Missing(String key) ->
                    out.answer(asker, "There is no " + quoted(key) + ".");
            case GroupNews.Set(String key, boolean fresh) ->
                    out.answer(asker, quoted(key) + (fresh ? " is set." : " is changed."));
            case GroupNews.NoGroup() -> out.answer(asker, "This bot is in no group.");
            case GroupNews.NotDone(String key, String why) ->
                    out.answer(
                            asker,
                            "Not done with "
                                    + quoted(key)
                                    + ": "
                                    + OthersWords.clean(why, WHY_BYTES));
        }
    }

    private void members(Asker asker, List<GroupNews.Row> rows, String trouble) {
        List<String> there =
                rows.stream()
                        .filter(row -> row.state() == GroupNews.State.THERE)
                        .map(row -> name(row) + (row.self() ? " (this bot)" : ""))
                        .toList();
        String count = there.size() == 1 ? "1 member" : there.size() + " members";
        out.answer(asker, line(count, there));
        gone(asker, "failed", rows, GroupNews.State.FAILED);
        gone(asker, "left", rows, GroupNews.State.LEFT);
        if (!trouble.isEmpty()) {
            out.answer(asker, "There is trouble: " + OthersWords.clean(trouble, WHY_BYTES));
        }
    }

    private void gone(Asker asker, String what, List<GroupNews.Row> rows, GroupNews.State state) {
        List<String> gone =
                rows.stream()
                        .filter(row -> row.state() == state)
                        .map(row -> name(row) + " since " + time(row.since()))
                        .toList();
        if (!gone.isEmpty()) {
            out.answer(asker, line(gone.size() + " " + what, gone));
        }
    }

    /// As many as one line has room for.
    private static String line(String what, List<String> parts) {
        var shown = new ArrayList<String>();
        int used = what.length();
        for (String part : parts) {
            used += OthersWords.bytes(part) + 2;
            if (used > LINE_BYTES) {
                break;
            }
            shown.add(part);
        }
        int more = parts.size() - shown.size();
        return what
                + ": "
                + String.join(", ", shown)
                + (more > 0 ? " and " + more + " more" : "")
                + ".";
    }

    private static String found(GroupNews.Found found) {
        String key = quoted(found.key());
        if (!found.legible()) {
            return key + " has " + found.sizeBytes() + " bytes that are no text.";
        }
        if (found.sizeBytes() == 0) {
            return key + " is empty.";
        }
        String text = OthersWords.clean(found.text(), LINE_BYTES - OthersWords.bytes(key));
        boolean cut =
                text.endsWith(OthersWords.CUT) && !found.text().strip().endsWith(OthersWords.CUT);
        return key + " = " + text + (cut ? " (" + found.sizeBytes() + " bytes)" : "");
    }

    private static String name(GroupNews.Row row) {
        return OthersWords.clean(row.name(), NAME_BYTES);
    }

    /// Hours and minutes; with the day when it is another one.
    private String time(Instant when) {
        String text = when.toString();
        String day =
                Duration.between(when, at.now).toHours() < 24 ? "" : text.substring(0, 10) + " ";
        return day + text.substring(11, 16) + " UTC";
    }

    private static String quoted(String key) {
        return '"' + OthersWords.clean(key, KEY_BYTES) + '"';
    }
}
