package org.svcshare.cli;

import java.util.Base64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.svcshare.lock.ApiClient;
import org.svcshare.lock.ApiClient.Outcome;
import org.svcshare.lock.Content;
import org.svcshare.lock.LockClient;
import org.svcshare.lock.Reply;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the commands about members and the shared store have in common: asking a server, and what
/// its no means.
final class MemberTalk {
    static final String MEMBERS = "/api/v1/members";
    static final String KEYS = "/api/v1/kv";

    private final Surroundings surroundings;
    private final String things;

    /// An answer, or what to end with.
    record Heard(@Nullable Reply reply, int code) {
        boolean ok() {
            return reply != null;
        }

        Reply get() {
            return Objects.requireNonNull(reply);
        }
    }

    MemberTalk(Surroundings surroundings) {
        this(surroundings, "members");
    }

    /// @param things what a server that is too old knows nothing of
    MemberTalk(Surroundings surroundings, String things) {
        this.surroundings = surroundings;
        this.things = things;
    }

    /// @return null when it was said why there is none
    @Nullable ApiClient client(Servers servers) {
        try {
            return new ApiClient(PoolAccess.access(servers.named(), surroundings));
        } catch (PoolAccess.Unfit e) {
            say(String.valueOf(e.getMessage()));
            return null;
        }
    }

    /// Says on the standard error why there is nothing.
    ///
    /// @param namesAndTexts of header fields: a name, its text, a name, …
    Heard ask(
            Servers servers,
            String method,
            String target,
            Content content,
            String... namesAndTexts) {
        ApiClient client = client(servers);
        return client == null
                ? new Heard(null, ExitCode.CONFIGURATION)
                : heard(client.ask(method, target, content, namesAndTexts));
    }

    Heard get(Servers servers, String target) {
        return ask(servers, "GET", target, Content.NONE);
    }

    private Heard heard(Outcome outcome) {
        return outcome instanceof Outcome.Done(Reply reply)
                ? new Heard(reply, ExitCode.OK)
                : new Heard(null, no(outcome));
    }

    /// Says what a no means.
    ///
    /// @return what to end with
    int no(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Done _ -> ExitCode.OK;
            case Outcome.Stopped _ -> ExitCode.FAILED;
            case Outcome.Unreachable(String why) -> {
                say("no server reached: " + why);
                yield ExitCode.UNAVAILABLE;
            }
            case Outcome.PerhapsDone(String why) -> {
                say("it is not known whether it was done: " + why);
                yield ExitCode.UNAVAILABLE;
            }
            case Outcome.Refused(int status, String code, String detail, _) -> {
                say(
                        code.equals("not_found")
                                ? "the server knows nothing of "
                                        + things
                                        + "; is it an older svcshare?"
                                : detail);
                yield code(status, code);
            }
        };
    }

    private static int code(int status, String code) {
        return switch (code) {
            case "no_members", "no_replicas", "wrong_host" -> ExitCode.CONFIGURATION;
            case "not_found" -> ExitCode.UNAVAILABLE;
            case "unauthorized", "forbidden" -> ExitCode.NOT_ALLOWED;
            case "invalid", "too_large" -> ExitCode.USAGE;
            case "unknown_key", "unknown_member", "member_alive", "changed", "store_full" ->
                    ExitCode.FAILED;
            default ->
                    switch (status) {
                        case 400, 413, 422 -> ExitCode.USAGE;
                        case 401, 403 -> ExitCode.NOT_ALLOWED;
                        case 404, 409, 412 -> ExitCode.FAILED;
                        default -> ExitCode.UNAVAILABLE;
                    };
        };
    }

    /// @return null when it is none; then that was said
    @Nullable JsonNode json(Reply reply) {
        try {
            return JsonMapper.shared().readTree(reply.body());
        } catch (JacksonException _) {
            say("the server does not speak as ours do");
            return null;
        }
    }

    void say(String message) {
        surroundings.err().println("svcshare: " + Table.plain(message));
    }

    /// Path of a key.
    static String key(String key) {
        // These would mean another path to whoever stands between.
        String encoded = key.equals(".") || key.equals("..") ? key.replace(".", "%2E") : null;
        return KEYS + "/" + (encoded == null ? LockClient.encode(key) : encoded);
    }

    /// What stands in a document as text or in base64.
    static byte[] value(JsonNode json, String name) {
        String text = json.path(name).asString("");
        return json.path("base64").asBoolean(false)
                ? Base64.getDecoder().decode(text)
                : text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    /// The same on one line, for people.
    ///
    /// @param most so many characters
    static String shown(JsonNode json, String name, int most) {
        String text = json.path(name).asString("");
        if (json.path("base64").asBoolean(false)) {
            return "(" + value(json, name).length + " bytes)";
        }
        String line = Table.plain(text.strip());
        return line.codePointCount(0, line.length()) <= most
                ? line
                : line.substring(0, line.offsetByCodePoints(0, most - 1)) + "…";
    }
}
