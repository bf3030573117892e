package org.svcshare.web;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.svcshare.store.Member;
import org.svcshare.store.MemberGroup;

/// Who belongs to the group of members, and forgetting those who do not come back.
final class MemberAnswers {
    private static final int NAME = 3;

    private final Loop loop;

    MemberAnswers(Loop loop) {
        this.loop = loop;
    }

    private record Store(int keys, long sizeBytes, int tombstones) {}

    /// GET /api/v1/members
    void list(Call call) {
        MemberGroup group = KeyAnswers.group(call);
        if (group != null) {
            KeyAnswers.read(
                    call,
                    group,
                    view -> new Store(view.size(), view.sizeBytes(), view.tombstones()),
                    store -> call.answer(200, write(call, group, store)));
        }
    }

    private Json write(Call call, MemberGroup group, Store store) {
        MemberGroup.Status status = group.status();
        Json json = call.json().raw("{\"now\":").time(loop.site.nowMs());
        json.raw(",\"group\":")
                .text(status.group())
                .raw(",\"name\":")
                .text(status.name())
                .raw(",\"where\":")
                .text(status.where())
                .raw(",\"joined\":")
                .flag(status.joined())
                .raw(",\"since\":")
                .time(status.since().toEpochMilli())
                .raw(",\"trouble\":")
                .text(status.trouble())
                .raw(",\"store\":{\"keys\":")
                .number(store.keys)
                .raw(",\"sizeBytes\":")
                .number(store.sizeBytes)
                .raw(",\"tombstones\":")
                .number(store.tombstones)
                .raw("},\"members\":[");
        List<Member> members = group.members();
        for (int i = 0; i < members.size(); i++) {
            member(json.raw(i == 0 ? "{" : ",{"), members.get(i)).raw("}");
        }
        return json.raw("]}");
    }

    static Json member(Json json, Member member) {
        return json.raw("\"name\":")
                .text(member.name())
                .raw(",\"id\":")
                .text(member.id())
                .raw(",\"incarnation\":")
                .number(member.incarnation())
                .raw(",\"address\":")
                .text(member.address())
                .raw(",\"state\":")
                .text(member.state().name().toLowerCase(Locale.ROOT))
                .raw(",\"since\":")
                .time(member.since().toEpochMilli())
                .raw(",\"version\":")
                .text(member.version())
                .raw(",\"self\":")
                .flag(member.self());
    }

    /// DELETE /api/v1/members/{name}
    void forget(Call call) {
        MemberGroup group = KeyAnswers.group(call);
        if (group == null) {
            return;
        }
        Optional<String> name = call.segment(NAME);
        if (name.isEmpty()) {
            call.problem(Problem.INVALID, "expected the name of a member, percent-encoded");
            return;
        }
        group.forget(name.get(), done -> loop.mailbox.post(() -> answer(call, done)));
    }

    private static void answer(Call call, MemberGroup.Forgotten done) {
        switch (done) {
            case DONE -> call.answerNothing();
            case ALIVE ->
                    call.problem(
                            Problem.MEMBER_ALIVE,
                            "only a member that left or failed can be forgotten; stop it first");
            case UNKNOWN -> call.problem(Problem.UNKNOWN_MEMBER, "see GET /api/v1/members");
            case UNAVAILABLE -> call.problem(Problem.STORE_UNAVAILABLE, KeyAnswers.UNAVAILABLE);
        }
    }
}
