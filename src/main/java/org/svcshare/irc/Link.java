package org.svcshare.irc;

import java.time.Duration;
import java.time.Instant;
import org.svcshare.turn.TurnEvent;

/// What the parts of a [Session] need of the channel's loop that owns them.
interface Link {
    /// Nanoseconds of a clock that never goes back.
    long nanos();

    Instant now();

    /// Sends a line of the connection's own upkeep, ahead of everything that waits.
    void sendNow(String line);

    void send(Outbox.Urgency urgency, String line);

    /// Forgets what waits to be sent.
    void dropWaiting();

    void alarm(Alarms.Alarm alarm, Duration delay);

    void cancel(Alarms.Alarm alarm);

    void event(TurnEvent event);

    /// What is wrong, for people; empty when nothing is. Logged when it changes.
    void trouble(String what);

    /// A message of a peer that was not believed or not understood.
    void rejected(String reason);

    /// Ends this connection; another one is tried later.
    void drop(String why);

    /// Ends this connection for good: trying again would not help.
    void giveUp(String why);

    /// The server has said something about TLS (sts).
    ///
    /// @return whether that was the end of this connection
    boolean sts(String value);

    String wantedNick();

    void wantNick(String nick);
}
