package org.svcshare.bot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.svcshare.store.Change;
import org.svcshare.store.Entry;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup;
import org.svcshare.store.Value;
import org.svcshare.turn.Asker;
import org.svcshare.turn.GroupNews;
import org.svcshare.turn.GroupWish;
import org.svcshare.turn.TurnEvent;

/// Does what people in the channel want of the group, and tells them what becomes of it.
///
/// Owned by the bot's loop. The group's answers come on a thread of its own, and go to the loop as
/// events.
final class GroupErrands {
    private final Supplier<Optional<MemberGroup>> groups;
    private final Consumer<TurnEvent> events;

    /// @param groups the group, or empty while this bot is in none
    /// @param events may be told from any thread
    GroupErrands(Supplier<Optional<MemberGroup>> groups, Consumer<TurnEvent> events) {
        this.groups = groups;
        this.events = events;
    }

    void run(Asker asker, GroupWish wish) {
        Optional<MemberGroup> found = groups.get();
        if (found.isEmpty()) {
            say(asker, new GroupNews.NoGroup());
            return;
        }
        MemberGroup group = found.get();
        switch (wish) {
            case GroupWish.Members() -> say(asker, members(group));
            case GroupWish.Get(String key) -> get(group, asker, key);
            case GroupWish.Put(String key, String value) -> put(group, asker, key, value);
        }
    }

    private static GroupNews members(MemberGroup group) {
        List<GroupNews.Row> rows =
                group.members().stream()
                        .map(member ->
                                new GroupNews.Row(
                                        member.name(),
                                        state(member),
                                        member.since(),
                                        member.self()))
                        .toList();
        return new GroupNews.Members(rows, group.status().trouble());
    }

    private static GroupNews.State state(Member member) {
        return switch (member.state()) {
            case ALIVE -> GroupNews.State.THERE;
            case LEFT -> GroupNews.State.LEFT;
            case FAILED -> GroupNews.State.FAILED;
        };
    }

    private void get(MemberGroup group, Asker asker, String key) {
        if (refused(asker, key)) {
            return;
        }
        boolean asked =
                group.read(
                        view -> view.get(key),
                        entry ->
                                say(
                                        asker,
                                        entry.map(Entry::value)
                                                .map(value -> found(key, value))
                                                .orElse(new GroupNews.Missing(key))));
        if (!asked) {
            say(asker, new GroupNews.NotDone(key, "this member is stopping or overrun"));
        }
    }

    private static GroupNews found(String key, Value value) {
        boolean legible = true;
        try {
            var _ = UTF_8.newDecoder().decode(ByteBuffer.wrap(value.bytes()));
        } catch (CharacterCodingException _) {
            legible = false;
        }
        return new GroupNews.Found(key, value.text(), legible, value.sizeBytes());
    }

    private void put(MemberGroup group, Asker asker, String key, String value) {
        if (refused(asker, key)) {
            return;
        }
        group.change(
                new Change.Put(
                        key, Value.text(value), Optional.empty(), new Change.Condition.Any()),
                outcome ->
                        say(
                                asker,
                                switch (outcome) {
                                    case Change.Outcome.Done done ->
                                            new GroupNews.Set(key, done.before().isEmpty());
                                    case Change.Outcome.Refused(_, String why) ->
                                            new GroupNews.NotDone(key, why);
                                    case Change.Outcome.Conflict _, Change.Outcome.Missing _ ->
                                            new GroupNews.NotDone(
                                                    key, "it changed just now; say that again");
                                }));
    }

    private boolean refused(Asker asker, String key) {
        String problem = Entry.problem(key);
        if (!problem.isEmpty()) {
            say(asker, new GroupNews.NotDone(key, problem));
        }
        return !problem.isEmpty();
    }

    private void say(Asker asker, GroupNews news) {
        events.accept(new TurnEvent.GroupAnswered(asker, news));
    }
}
