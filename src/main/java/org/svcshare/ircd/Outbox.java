package org.svcshare.ircd;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Collects what one event makes the server send, with the tags that each receiver asked for.
///
/// Between [#label] and [#endLabel] the lines to the asker are held back, as an answer of several
/// lines has to stand in a batch (IRCv3 labeled-response).
final class Outbox {
    private static final DateTimeFormatter SERVER_TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    private record Held(String tags, String body) {}

    private final String server;
    private final String idPrefix;
    private List<Effect> effects = new ArrayList<>();
    private Instant now;
    private @Nullable String time;
    private long ids;
    private @Nullable Client asker;
    private String label = "";
    private final List<Held> held = new ArrayList<>();

    Outbox(String server, Instant started) {
        this.server = server;
        this.idPrefix = Long.toString(started.toEpochMilli(), Character.MAX_RADIX) + "-";
        this.now = started;
    }

    /// Starts an event.
    void at(Instant instant) {
        now = instant;
        time = null;
        // What a failed event may have left.
        asker = null;
        held.clear();
    }

    Instant now() {
        return now;
    }

    /// The effects since the last call.
    List<Effect> take() {
        List<Effect> taken = effects;
        effects = new ArrayList<>();
        return taken;
    }

    String nextId() {
        return idPrefix + Long.toString(++ids, Character.MAX_RADIX);
    }

    /// A numeric with its own text.
    void reply(Client to, Numeric numeric, String... params) {
        reply(to, numeric, List.of(params), numeric.text().isEmpty() ? null : numeric.text());
    }

    /// A numeric with another text.
    void replySaying(Client to, Numeric numeric, String text, String... params) {
        reply(to, numeric, List.of(params), text);
    }

    /// A numeric whose text is a list of words, in as many lines as it needs.
    void replyListing(
            Client to, Numeric numeric, Collection<String> words, char between, String... params) {
        int fixed = server.length() + numeric.code().length() + to.target().length() + 8;
        for (String param : params) {
            fixed += param.length() + 1;
        }
        var text = new StringBuilder();
        for (String word : words) {
            if (!text.isEmpty() && fixed + text.length() + word.length() + 1 > Wire.BODY_BYTES) {
                replySaying(to, numeric, text.toString(), params);
                text.setLength(0);
            }
            text.append(text.isEmpty() ? "" : between).append(word);
        }
        if (!text.isEmpty()) {
            replySaying(to, numeric, text.toString(), params);
        }
    }

    /// A command from the server itself.
    void command(Client to, String verb, List<String> params, @Nullable String text) {
        send(to, Message.server(server, verb, params, text));
    }

    void send(Client to, Message message) {
        if (to.gone) {
            return;
        }
        String tags = tags(to, message);
        if (to == asker) {
            held.add(new Held(tags, message.body()));
        } else {
            emit(to, tags, message.body());
        }
    }

    void send(Collection<Client> to, Message message) {
        for (Client client : to) {
            send(client, message);
        }
    }

    void send(Collection<Client> to, Predicate<Client> which, Message message) {
        for (Client client : to) {
            if (which.test(client)) {
                send(client, message);
            }
        }
    }

    /// To a client that the line reaches as anybody's line would, not as an answer: a message to
    /// oneself comes twice, and only the echo carries the label.
    void sendUnlabelled(Client to, Message message) {
        if (!to.gone) {
            emit(to, tags(to, message), message.body());
        }
    }

    /// The last line to a client and the end of its connection.
    void close(Client client, String reason) {
        endLabel();
        String text = "Closing link: " + client.host + " (" + reason + ")";
        // Without a source: RFC 2812 section 3.7.4, and what clients expect before registration.
        emit(client, "", Wire.cut("ERROR :" + Wire.withoutLineEnds(text), Wire.BODY_BYTES));
        effects.add(new Effect.Close(client.id, reason));
    }

    /// Without a source, as clients expect it.
    void ping(Client client) {
        emit(client, "", "PING :" + server);
    }

    void label(Client client, String value) {
        asker = client;
        label = value;
    }

    void endLabel() {
        Client to = asker;
        if (to == null) {
            return;
        }
        asker = null;
        String tag = "label=" + label;
        if (to.gone) {
            held.clear();
        } else if (held.isEmpty()) {
            emit(to, tag, ":" + server + " ACK");
        } else if (held.size() == 1) {
            emit(to, joined(tag, held.getFirst().tags()), held.getFirst().body());
        } else {
            String batch = nextId();
            emit(to, tag, ":" + server + " BATCH +" + batch + " labeled-response");
            for (Held line : held) {
                emit(to, joined("batch=" + batch, line.tags()), line.body());
            }
            emit(to, "", ":" + server + " BATCH -" + batch);
        }
        held.clear();
    }

    private void reply(Client to, Numeric numeric, List<String> params, @Nullable String text) {
        var all = new ArrayList<String>(params.size() + 1);
        all.add(to.target());
        all.addAll(params);
        send(to, Message.server(server, numeric.code(), all, text));
    }

    private void emit(Client to, String tags, String body) {
        effects.add(new Effect.Send(to.id, tags.isEmpty() ? body : "@" + tags + " " + body));
    }

    private String tags(Client to, Message message) {
        var tags = new StringBuilder();
        if (to.has(Capability.SERVER_TIME)) {
            tags.append("time=").append(time());
        }
        Client origin = message.origin();
        if (origin != null && origin.account != null && to.has(Capability.ACCOUNT_TAG)) {
            append(tags, "account=" + escaped(origin.account));
        }
        if (to.has(Capability.MESSAGE_TAGS)) {
            if (origin != null && origin.bot) {
                append(tags, "bot");
            }
            append(tags, message.msgId().isEmpty() ? "" : "msgid=" + message.msgId());
            append(tags, message.clientTags());
        }
        return tags.toString();
    }

    private String time() {
        String formatted = time;
        if (formatted == null) {
            formatted = SERVER_TIME.format(now);
            time = formatted;
        }
        return formatted;
    }

    private static String joined(String one, String other) {
        return other.isEmpty() ? one : one + ";" + other;
    }

    private static void append(StringBuilder tags, String tag) {
        if (!tag.isEmpty()) {
            tags.append(tags.isEmpty() ? "" : ";").append(tag);
        }
    }

    /// Source: IRCv3 message-tags, "Escaping values".
    private static String escaped(String value) {
        return value.replace("\\", "\\\\")
                .replace(";", "\\:")
                .replace(" ", "\\s")
                .replace("\r", "\\r")
                .replace("\n", "\\n");
    }
}
