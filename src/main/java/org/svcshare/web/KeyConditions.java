package org.svcshare.web;

import io.vertx.core.http.HttpHeaders;
import java.util.Optional;
import org.svcshare.store.Change.Condition;
import org.svcshare.store.Version;

/// What `If-Match` and `If-None-Match` say of a key (RFC 9110 section 13.1).
final class KeyConditions {
    private static final String ANY = "*";

    private KeyConditions() {}

    /// What makes a change impossible before anybody is asked.
    static final class Wrong extends Exception {
        private static final long serialVersionUID = 1L;

        Wrong(String what) {
            super(what, null, false, false);
        }

        void answer(Call call) {
            call.problem(Problem.INVALID, String.valueOf(getMessage()));
        }
    }

    /// @throws Wrong where the headers ask for what cannot be asked for here
    static Condition of(Call call) throws Wrong {
        String match = call.request.getHeader(HttpHeaders.IF_MATCH);
        String noneMatch = call.request.getHeader(HttpHeaders.IF_NONE_MATCH);
        if (match != null && noneMatch != null) {
            throw new Wrong("expected If-Match or If-None-Match, not both");
        }
        if (noneMatch != null) {
            if (!noneMatch.strip().equals(ANY)) {
                throw new Wrong("If-None-Match: expected *, which is for a key that is not there");
            }
            return new Condition.Absent();
        }
        if (match == null) {
            return new Condition.Any();
        }
        if (match.strip().equals(ANY)) {
            return new Condition.Present();
        }
        return new Condition.At(
                version(match)
                        .orElseThrow(() ->
                                new Wrong(
                                        "If-Match: expected * or one ETag of this key, in"
                                                + " quotes as it came")));
    }

    private static Optional<Version> version(String tag) {
        String text = tag.strip();
        return text.length() > 2 && text.startsWith("\"") && text.endsWith("\"")
                ? Version.parse(text.substring(1, text.length() - 1))
                : Optional.empty();
    }

    /// Whether one of these tags is that of the version; a weak one is as good for that.
    static boolean matches(String tags, Version version) {
        if (tags.strip().equals(ANY)) {
            return true;
        }
        String own = "\"" + version + "\"";
        for (String tag : tags.split(",", -1)) {
            String text = tag.strip();
            if (text.equals(own) || text.equals("W/" + own)) {
                return true;
            }
        }
        return false;
    }
}
