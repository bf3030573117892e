package org.svcshare.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.svcshare.store.StoreEffect.Send;
import org.svcshare.store.StoreMessage.Digest;
import org.svcshare.store.StoreMessage.Entries;
import org.svcshare.store.StoreMessage.Mark;
import org.svcshare.store.StoreMessage.Marks;
import org.svcshare.store.StoreMessage.Wanted;

/// How two members come to have the same.
///
/// One opens with a digest. The other walks through the ranges that differ, a part at a time: it
/// says what it has there, and gets back what it lacks or has older. Both ask for what they lack, a
/// message at a time, and the walk waits while much is still missing. So every message is bounded,
/// two members never have more than a few on the way between them, and what is lost is found again
/// in a later round. When the walk is over and nothing is lacking, who walked has all that the
/// other had when it opened, and has seen what that one had seen.
final class Exchange {
    /// Members with whom something is going on at once.
    private static final int MAX_TALKS = 64;

    /// Rounds that we opened and still answer for.
    private static final int MAX_OPEN = 256;

    private static final int STALE_ROUNDS = 2;
    private static final int DEAD_ROUNDS = 6;
    private static final long PATIENCE_MS = 400;
    private static final long RUMOUR_PATIENCE_MS = 60;

    private final Shelf shelf;
    private final Writing writing;
    private final Comparison comparison;
    private final Knowledge knowledge;
    private final Rumours rumours;
    private final Sessions sessions;
    private final Counts counts;
    private final RandomGenerator random;
    private final Map<String, Talk> talks = new LinkedHashMap<>();
    private final Set<Long> open = new LinkedHashSet<>();
    private final Asked asked = new Asked();

    Exchange(
            Shelf shelf,
            Writing writing,
            Comparison comparison,
            Knowledge knowledge,
            Rumours rumours,
            Sessions sessions,
            Counts counts,
            RandomGenerator random) {
        this.shelf = shelf;
        this.writing = writing;
        this.comparison = comparison;
        this.knowledge = knowledge;
        this.rumours = rumours;
        this.sessions = sessions;
        this.counts = counts;
        this.random = random;
    }

    void open(String with, List<StoreEffect> out) {
        long round = random.nextLong();
        open.add(round);
        if (open.size() > MAX_OPEN) {
            open.remove(open.iterator().next());
        }
        out.add(new Send(with, new Digest(round, shelf.digest(), knowledge.told())));
    }

    void digest(String from, Digest digest, long nowMs, List<StoreEffect> out) {
        var differing = shelf.differing(digest.hashes());
        if (differing.isEmpty()) {
            knowledge.adopt(digest.known(), nowMs, out);
            sendDone(from, digest.round(), out);
            return;
        }
        Talk talk = talk(from);
        if (talk == null) {
            counts.add("busy");
        } else if (talk.walk == null || talk.quietRounds >= STALE_ROUNDS) {
            talk.walk = new Talk.Walk(differing, digest);
            sendPart(talk, talk.walk, out);
        }
    }

    /// Our part of what differs; an answer says how far the other came with it.
    private void sendPart(Talk talk, Talk.Walk walk, List<StoreEffect> out) {
        if (walk.atEnd()) {
            sendDone(talk.with, walk.round, out);
        } else if (!talk.crowded()) {
            var part = Part.of(shelf, walk.ranges, walk.from, "", held -> true);
            out.add(new Send(talk.with, part.marks(walk.round, true)));
            walk.asking = true;
        }
    }

    private static void sendDone(String to, long round, List<StoreEffect> out) {
        out.add(new Send(to, new Marks(round, List.of(), "", "", List.of(), false)));
    }

    void marks(String from, Marks marks, long nowMs, List<StoreEffect> out) {
        boolean ours = open.contains(marks.round());
        Talk talk = talk(from);
        if (talk == null) {
            counts.add("busy");
            return;
        }
        boolean complete = comparison.compare(from, marks.marks(), nowMs, talk::lacks, out);
        if (marks.ranges().isEmpty()) {
            talk.over |= ours;
        } else if (marks.answer() && ours) {
            talk.owed = marks;
            talk.quietRounds = 0;
            sessions.heard(from);
        } else if (!marks.answer() && talk.walk != null && talk.walk.advance(marks)) {
            talk.quietRounds = 0;
            talk.walk.complete &= complete;
            talk.walk.asking = false;
            sendPart(talk, talk.walk, out);
        }
        goOn(talk, nowMs, out);
    }

    private void answer(Talk talk, Marks question, List<StoreEffect> out) {
        var theirs = new LinkedHashMap<String, Version>();
        question.marks().forEach(mark -> theirs.put(mark.key(), mark.version()));
        var part =
                Part.of(
                        shelf,
                        question.ranges(),
                        question.from(),
                        question.to(),
                        held -> {
                            Version their = theirs.get(held.entry().key());
                            return their == null || their.compareTo(held.entry().version()) < 0;
                        });
        out.add(new Send(talk.with, part.marks(question.round(), false)));
    }

    void rumour(String from, List<Mark> marks, long nowMs, List<StoreEffect> out) {
        var keys = Bounds.Load.ofKeys();
        comparison.compare(
                from,
                marks,
                nowMs,
                mark -> !asked.claim(mark.key(), RUMOUR_PATIENCE_MS, nowMs) || keys.add(mark.key()),
                out);
        if (!keys.isEmpty()) {
            out.add(new Send(from, new Wanted(keys.things())));
        }
    }

    void wanted(String from, List<String> keys, List<StoreEffect> out) {
        var entries = Bounds.Load.ofEntries();
        for (String key : keys) {
            var held = shelf.held(key);
            if (held != null && !entries.add(held.entry())) {
                break;
            }
        }
        if (!entries.isEmpty()) {
            out.add(new Send(from, new Entries(entries.things())));
        }
    }

    void entries(String from, List<Entry> entries, long nowMs, List<StoreEffect> out) {
        for (Entry entry : entries) {
            asked.answered(entry.key());
            if (!entry.tombstone()
                    && shelf.held(entry.key()) == null
                    && comparison.removed(entry.version(), nowMs)) {
                comparison.contradict(from, entry, nowMs, out);
                continue;
            }
            switch (writing.take(entry, nowMs, out)) {
                case NEWS -> {
                    sessions.received(from);
                    rumours.heat(entry.key());
                    have(entry.key());
                }
                case OLD -> have(entry.key());
                case REFUSED -> {}
            }
        }
        Talk talk = talks.get(from);
        var question = talk == null ? List.<String>of() : talk.asked;
        if (talk != null && talk.answered(entries)) {
            // The rest is asked for again at once.
            question.forEach(asked::answered);
            talk.quietRounds = 0;
            sessions.heard(from);
        }
        for (Talk one : List.copyOf(talks.values())) {
            goOn(one, nowMs, out);
        }
    }

    /// Whoever has it too needs not be asked for it.
    void have(String key) {
        var held = shelf.held(key);
        for (Talk talk : talks.values()) {
            Version lacked = talk.lacking.get(key);
            if (lacked != null && (held == null || held.entry().version().compareTo(lacked) >= 0)) {
                talk.lacking.remove(key);
            }
        }
    }

    /// Does what has become possible.
    private void goOn(Talk talk, long nowMs, List<StoreEffect> out) {
        if (talk.owed != null && !talk.crowded()) {
            answer(talk, talk.owed, out);
            talk.owed = null;
        }
        if (talk.walk != null && !talk.walk.asking && !talk.walk.atEnd()) {
            sendPart(talk, talk.walk, out);
        }
        ask(talk, nowMs, out);
        if (!talk.lacking.isEmpty()) {
            return;
        }
        if (talk.walk != null && talk.walk.atEnd()) {
            if (talk.walk.complete) {
                knowledge.adopt(talk.walk.known, nowMs, out);
            }
            talk.walk = null;
        }
        if (talk.over) {
            talk.over = false;
            sessions.over(talk.with, out);
        }
        if (talk.idle()) {
            talks.remove(talk.with);
        }
    }

    private void ask(Talk talk, long nowMs, List<StoreEffect> out) {
        if (!talk.asked.isEmpty()) {
            return;
        }
        var keys = Bounds.Load.ofKeys();
        var later = new ArrayList<String>();
        while (!talk.toAsk.isEmpty()) {
            String key = talk.toAsk.removeFirst();
            if (!talk.lacking.containsKey(key)) {
                continue;
            }
            if (!asked.claim(key, PATIENCE_MS, nowMs)) {
                later.add(key);
            } else if (!keys.add(key)) {
                asked.answered(key);
                talk.toAsk.addFirst(key);
                break;
            }
        }
        talk.toAsk.addAll(later);
        if (!keys.isEmpty()) {
            talk.asked = keys.things();
            out.add(new Send(talk.with, new Wanted(talk.asked)));
        }
    }

    /// Says once more what was perhaps lost, and gives up those of whom nothing comes.
    void round(long nowMs, List<StoreEffect> out) {
        for (Talk talk : List.copyOf(talks.values())) {
            talk.passRound();
            if (talk.quietRounds >= DEAD_ROUNDS) {
                talks.remove(talk.with);
                continue;
            }
            if (talk.quietRounds == STALE_ROUNDS && talk.walk != null && !talk.walk.atEnd()) {
                sendPart(talk, talk.walk, out);
            }
            goOn(talk, nowMs, out);
        }
    }

    void gone(Collection<String> members) {
        members.forEach(talks::remove);
    }

    /// @return null when there are too many
    private @Nullable Talk talk(String with) {
        Talk talk = talks.get(with);
        if (talk == null && talks.size() < MAX_TALKS) {
            talk = new Talk(with);
            talks.put(with, talk);
        }
        return talk;
    }
}
