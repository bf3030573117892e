package org.svcshare.web;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.svcshare.store.Entry;
import org.svcshare.store.Member;
import org.svcshare.store.Value;
import org.svcshare.store.Version;

/// How entries of the shared store, and what members say to each other, look in JSON.
final class KeyJson {
    private KeyJson() {}

    /// `"key":…,"version":…,"writer":…,"expires":…`
    ///
    /// @param members of whom one may be the writer
    static Json entry(Json json, Entry entry, List<Member> members) {
        json.raw("\"key\":").text(entry.key());
        version(json, entry.version()).raw(",\"writer\":").text(writer(entry.version(), members));
        return expires(json, entry);
    }

    /// `,"version":…`
    static Json version(Json json, Version version) {
        return json.raw(",\"version\":\"").raw(version.toString()).raw("\"");
    }

    static Json expires(Json json, Entry entry) {
        long expiresMs = entry.expiresMs();
        return json.raw(",\"expires\":").time(expiresMs == 0 ? Long.MAX_VALUE : expiresMs);
    }

    /// Its name; its id where nobody knows the name any more.
    private static String writer(Version version, List<Member> members) {
        for (Member member : members) {
            if (member.id().equals(version.writer())) {
                return member.name();
            }
        }
        return version.writer();
    }

    /// `,"value":…,"base64":…`: as it is where it is text, else in base64.
    ///
    /// @param name how the value is called there
    static Json value(Json json, String name, Value value) {
        byte[] bytes = value.bytes();
        Optional<String> text = text(bytes);
        json.raw(",\"").raw(name).raw("\":");
        return text.isPresent()
                ? json.text(text.get()).raw(",\"base64\":false")
                : json.raw("\"")
                        .raw(Base64.getEncoder().encodeToString(bytes))
                        .raw("\",\"base64\":true");
    }

    /// Only what is UTF-8 to the last byte, and has no control characters but those of lines: so it
    /// comes back as it went in, and escaping makes little more of it.
    private static Optional<String> text(byte[] bytes) {
        for (byte b : bytes) {
            if ((b >= 0 && b < 0x20 && b != '\n' && b != '\r' && b != '\t') || b == 0x7f) {
                return Optional.empty();
            }
        }
        try {
            return Optional.of(
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException _) {
            return Optional.empty();
        }
    }
}
