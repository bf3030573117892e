package org.svcshare.hook;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.svcshare.config.GroupEventNames;
import org.svcshare.store.Entry;
import org.svcshare.store.GroupEvent;
import org.svcshare.store.Member;
import org.svcshare.store.Value;

/// Makes notices of what happens in a group.
///
/// A value that is UTF-8 stands as it is under its name, one that is not as Base64 with `_base64`
/// behind the name; `_bytes` has its size, as environment variables are cut.
final class GroupNotice {
    private GroupNotice() {}

    /// @param member this member's name
    static Notice of(GroupEvent event, Instant time, String member) {
        String name = GroupEventNames.of(event);
        Map<String, @Nullable Object> fields = fields(name, time, member);
        switch (event) {
            case GroupEvent.NewKey(Entry entry) -> entry(fields, entry);
            case GroupEvent.KeyChanged(Entry entry, Entry before) -> {
                entry(fields, entry);
                value(fields, "before", before.value());
            }
            case GroupEvent.KeyRemoved(Entry before, boolean expired) -> {
                fields.put("key", before.key());
                value(fields, "before", before.value());
                fields.put("expired", expired);
            }
            case GroupEvent.MemberJoined(Member other) -> member(fields, other);
            case GroupEvent.MemberLeft(Member other) -> member(fields, other);
            case GroupEvent.MemberFailed(Member other) -> member(fields, other);
            case GroupEvent.Started _, GroupEvent.Stopping _ -> {}
            case GroupEvent.BeforeGossip(String with) -> fields.put("with", with);
            case GroupEvent.BeforeSync(String with) -> fields.put("with", with);
            case GroupEvent.AfterGossip(String with, int received) -> {
                fields.put("with", with);
                fields.put("received", received);
            }
            case GroupEvent.AfterSync(String with, int received) -> {
                fields.put("with", with);
                fields.put("received", received);
            }
            case GroupEvent.Called(String called, Value payload, String from) ->
                    called(fields, called, payload, from);
        }
        return new Notice(name, fields);
    }

    /// A question that somebody asks.
    static Notice query(String name, Value payload, String from, Instant time, String member) {
        Map<String, @Nullable Object> fields = fields("query", time, member);
        called(fields, name, payload, from);
        return new Notice("query", fields);
    }

    private static Map<String, @Nullable Object> fields(String event, Instant time, String member) {
        var fields = new LinkedHashMap<String, @Nullable Object>();
        fields.put("event", event);
        fields.put("time", time.toString());
        fields.put("member", member);
        return fields;
    }

    private static void entry(Map<String, @Nullable Object> fields, Entry entry) {
        fields.put("key", entry.key());
        value(fields, "value", entry.value());
        fields.put("version", entry.version().toString());
        fields.put("writer", entry.version().writer());
        long expiresMs = entry.expiresMs();
        fields.put("expires", expiresMs == 0 ? null : Instant.ofEpochMilli(expiresMs).toString());
    }

    private static void member(Map<String, @Nullable Object> fields, Member member) {
        fields.put("name", member.name());
        fields.put("id", member.id());
        fields.put("address", member.address());
        fields.put("since", member.since().toString());
        fields.put("program_version", member.version());
    }

    private static void called(
            Map<String, @Nullable Object> fields, String name, Value payload, String from) {
        fields.put("name", name);
        fields.put("from", from);
        value(fields, "payload", payload);
    }

    private static void value(
            Map<String, @Nullable Object> fields, String name, @Nullable Value value) {
        if (value == null) {
            return;
        }
        byte[] bytes = value.bytes();
        try {
            fields.put(
                    name,
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException _) {
            fields.put(name + "_base64", Base64.getEncoder().encodeToString(bytes));
        }
        fields.put(name + "_bytes", bytes.length);
    }
}
