package org.svcshare.web;

import java.util.Optional;
import org.svcshare.store.Entry;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.Member;
import org.svcshare.store.Value;

/// How `/api/v1/events` tells of members and of the shared store.
final class GroupNews {
    private GroupNews() {}

    /// @return empty for what only concerns this member
    static Optional<String> name(GroupEvent event) {
        return switch (event) {
            case GroupEvent.NewKey _ -> Optional.of("key.new");
            case GroupEvent.KeyChanged _ -> Optional.of("key.changed");
            case GroupEvent.KeyRemoved _ -> Optional.of("key.removed");
            case GroupEvent.MemberJoined _ -> Optional.of("member.joined");
            case GroupEvent.MemberLeft _ -> Optional.of("member.left");
            case GroupEvent.MemberFailed _ -> Optional.of("member.failed");
            // Anybody in the group makes these names up, and a line must stay one.
            case GroupEvent.Called called -> Optional.of("event." + Percent.encode(called.name()));
            case GroupEvent.Started _,
                    GroupEvent.Stopping _,
                    GroupEvent.BeforeGossip _,
                    GroupEvent.AfterGossip _,
                    GroupEvent.BeforeSync _,
                    GroupEvent.AfterSync _ ->
                    Optional.empty();
        };
    }

    static Json write(Json json, GroupEvent event) {
        return switch (event) {
            case GroupEvent.NewKey(Entry entry) -> entry(json, entry);
            case GroupEvent.KeyChanged(Entry entry, _) -> entry(json, entry);
            case GroupEvent.KeyRemoved(Entry before, boolean expired) -> {
                json.raw(",\"key\":").text(before.key());
                yield KeyJson.version(json, before.version()).raw(",\"expired\":").flag(expired);
            }
            case GroupEvent.MemberJoined(Member member) -> member(json, member);
            case GroupEvent.MemberLeft(Member member) -> member(json, member);
            case GroupEvent.MemberFailed(Member member) -> member(json, member);
            case GroupEvent.Called(String name, Value payload, String from) -> {
                json.raw(",\"name\":").text(name).raw(",\"from\":").text(from);
                yield KeyJson.value(json, "payload", payload);
            }
            case GroupEvent.Started _,
                    GroupEvent.Stopping _,
                    GroupEvent.BeforeGossip _,
                    GroupEvent.AfterGossip _,
                    GroupEvent.BeforeSync _,
                    GroupEvent.AfterSync _ ->
                    json;
        };
    }

    private static Json entry(Json json, Entry entry) {
        json.raw(",\"key\":").text(entry.key());
        KeyJson.expires(KeyJson.version(json, entry.version()), entry);
        Value value = entry.value();
        return json.raw(",\"sizeBytes\":").number(value == null ? 0 : value.sizeBytes());
    }

    private static Json member(Json json, Member member) {
        return MemberAnswers.member(json.raw(","), member);
    }
}
