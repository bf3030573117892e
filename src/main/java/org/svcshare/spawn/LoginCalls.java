package org.svcshare.spawn;

import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.svcshare.config.Secret;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `/login` and `/logout`: tokens for those who have a name and a password.
final class LoginCalls {
    private static final Logger LOG = LoggerFactory.getLogger(LoginCalls.class);
    private static final int TOKEN = 1;
    private static final int MOST_NAME = 256;
    private static final int MOST_PASSWORD = 1024;

    private final People people;
    private final Sessions sessions;
    private final Attempts attempts;
    private final Desk desk;

    LoginCalls(People people, Sessions sessions, Attempts attempts, Desk desk) {
        this.people = people;
        this.sessions = sessions;
        this.attempts = attempts;
        this.desk = desk;
    }

    private record Credentials(String name, Secret password) {}

    /// POST /login
    void login(Call call) {
        Optional<Credentials> read = read(call);
        if (read.isEmpty()) {
            call.refuse(Refusal.NO_CREDENTIALS);
            return;
        }
        String peer = call.from.peer();
        if (!attempts.take(peer)) {
            call.header(HttpHeaders.RETRY_AFTER, "6");
            call.refuse(new Refusal(429, "Too many attempts", "try again in some seconds"));
            return;
        }
        people.login(
                read.get().name,
                read.get().password,
                verdict -> desk.post(() -> answer(call, peer, verdict)));
    }

    /// Without the name: people mistake its field for that of the password.
    private void answer(Call call, String peer, People.Verdict verdict) {
        switch (verdict) {
            case People.Verdict.Known(Person person) -> {
                attempts.giveBack(peer);
                if (!call.gone()) {
                    ObjectNode data = Json.object();
                    data.put("success", true);
                    data.put("token", sessions.open(person));
                    call.answer(200, data);
                }
            }
            case People.Verdict.Unknown _ -> {
                LOG.warn("a login from {} was refused", peer);
                call.refuse(Refusal.NO_CREDENTIALS);
            }
            case People.Verdict.Away(String why) -> {
                LOG.warn("a login from {} could not be looked into: {}", peer, why);
                call.header(HttpHeaders.RETRY_AFTER, "6");
                call.refuse(
                        new Refusal(
                                503,
                                "Could not look into the login",
                                "the directory cannot be asked now; the log says why"));
            }
        }
    }

    /// @return empty where one of them is missing or longer than any
    private static Optional<Credentials> read(Call call) {
        Map<String, String> fields = json(call) ? object(call) : form(call);
        String name = fields.getOrDefault("username", "");
        String password = fields.getOrDefault("password", "");
        boolean fine =
                !name.isEmpty()
                        && name.length() <= MOST_NAME
                        && !password.isEmpty()
                        && password.length() <= MOST_PASSWORD;
        return fine ? Optional.of(new Credentials(name, new Secret(password))) : Optional.empty();
    }

    /// Whatever stands behind the type, as `charset=utf-8`.
    private static boolean json(Call call) {
        String type = call.request.getHeader(HttpHeaders.CONTENT_TYPE);
        return type != null
                && type.split(";", 2)[0]
                        .strip()
                        .toLowerCase(Locale.ROOT)
                        .equals("application/json");
    }

    private static Map<String, String> object(Call call) {
        var fields = new HashMap<String, String>();
        try {
            JsonNode read = Json.read(call.body());
            for (String name : List.of("username", "password")) {
                JsonNode value = read.get(name);
                if (value != null && value.isString()) {
                    fields.put(name, value.asString());
                }
            }
        } catch (Refusal.Thrown e) {
            LOG.debug("a login that is no JSON");
        }
        return fields;
    }

    private static Map<String, String> form(Call call) {
        return Percent.form(call.body().toString(StandardCharsets.ISO_8859_1));
    }

    /// GET /login/:token
    void who(Call call) {
        String token = call.part(TOKEN);
        Optional<Person> person = Sessions.isToken(token) ? sessions.who(token) : Optional.empty();
        if (person.isEmpty()) {
            call.refuse(refusal(token));
            return;
        }
        ObjectNode info = Json.object();
        info.put("UID", person.get().uid());
        ObjectNode name = info.putObject("Name");
        name.put("First", person.get().firstName());
        name.put("Last", person.get().lastName());
        info.put("Email", person.get().email());
        ArrayNode groups = info.putArray("Groups");
        person.get().groups().forEach(groups::add);
        ObjectNode data = Json.object();
        data.put("success", true);
        data.set("info", info);
        call.answer(200, data);
    }

    /// DELETE /logout/:token
    void logout(Call call) {
        String token = call.part(TOKEN);
        if (!Sessions.isToken(token) || !sessions.close(token)) {
            call.refuse(refusal(token));
            return;
        }
        ObjectNode data = Json.object();
        data.put("success", true);
        call.answer(200, data);
    }

    private static Refusal refusal(String token) {
        return Sessions.isToken(token) ? Refusal.NOT_LOGGED_IN : Refusal.NO_TOKEN;
    }
}
