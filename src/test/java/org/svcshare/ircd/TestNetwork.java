package org.svcshare.ircd;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.svcshare.config.IrcdSettings;

/// The core on a clock of the test's own, and people who speak to it in lines.
final class TestNetwork {
    static final Instant T0 = Instant.parse("2026-01-02T03:04:05.678Z");

    final List<String> news = new ArrayList<>();
    private final IrcServer server;
    private final Map<Long, Person> people = new HashMap<>();
    private Instant now = T0;
    private long lastId;

    TestNetwork() {
        this(TestSettings.plain().ircd());
    }

    TestNetwork(IrcdSettings settings) {
        var listener =
                new IrcdListener() {
                    @Override
                    public void said(String channel, String nick, String text) {
                        news.add(channel + " <" + nick + "> " + text);
                    }

                    @Override
                    public void noticed(String channel, String nick, String text) {
                        news.add(channel + " -" + nick + "- " + text);
                    }

                    @Override
                    public void joined(String channel, String nick) {
                        news.add(channel + " +" + nick);
                    }

                    @Override
                    public void left(String channel, String nick, String why) {
                        news.add(channel + " -" + nick + " (" + why + ")");
                    }

                    @Override
                    public void renamed(String nick, String newNick) {
                        news.add(nick + " is " + newNick);
                    }

                    @Override
                    public void topicChanged(String channel, String nick, String topic) {
                        news.add(channel + " topic of " + nick + ": " + topic);
                    }
                };
        server = new IrcServer(settings, listener, T0);
    }

    /// Somebody connected who has not said anything yet.
    Person connect() {
        var person = new Person(++lastId);
        people.put(person.id, person);
        apply(server.connected(person.id, "10.0.0." + person.id, false, now));
        return person;
    }

    /// Somebody registered, who asked for these capabilities and joined these channels, and has
    /// forgotten what the server said so far.
    Person person(String nick, String... capsAndChannels) {
        Person person = connect();
        var caps = new ArrayList<String>();
        var channels = new ArrayList<String>();
        for (String word : capsAndChannels) {
            (word.startsWith("#") ? channels : caps).add(word);
        }
        if (!caps.isEmpty()) {
            person.says("CAP REQ :" + String.join(" ", caps));
        }
        person.says("NICK " + nick);
        person.says("USER " + nick + " 0 * :Real " + nick);
        if (!caps.isEmpty()) {
            person.says("CAP END");
        }
        channels.forEach(channel -> person.says("JOIN " + channel));
        people.values().forEach(Person::hears);
        return person;
    }

    void pass(Duration time) {
        now = now.plus(time);
        apply(server.tick(now));
    }

    /// Lets time pass in the small steps of a running server.
    void pass(Duration time, Duration step) {
        for (Instant end = now.plus(time); now.isBefore(end); ) {
            pass(step);
        }
    }

    int clients() {
        return server.clients();
    }

    private void apply(List<Effect> effects) {
        for (Effect effect : effects) {
            Person person = Objects.requireNonNull(people.get(effect.id()));
            switch (effect) {
                case Effect.Send send -> person.heard.add(send.line());
                case Effect.Close close -> person.closedFor = close.reason();
            }
        }
    }

    /// One connection.
    final class Person {
        final long id;
        String closedFor = "";
        private final List<String> heard = new ArrayList<>();

        Person(long id) {
            this.id = id;
        }

        void says(String line) {
            apply(server.received(id, line, now));
        }

        void disconnects() {
            apply(server.gone(id, "Connection closed", now));
        }

        /// What it was sent since it was last asked.
        List<String> hears() {
            var lines = List.copyOf(heard);
            heard.clear();
            return lines;
        }

        /// What the server answers to a line.
        List<String> asks(String line) {
            hears();
            says(line);
            return hears();
        }

        void hearsNothing() {
            var lines = hears();
            assertTrue(lines.isEmpty(), lines::toString);
        }
    }
}
