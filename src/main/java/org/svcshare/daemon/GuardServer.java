package org.svcshare.daemon;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.svcshare.bot.Lock;
import org.svcshare.config.GuardSettings;
import org.svcshare.lock.Access;
import org.svcshare.lock.Answer;
import org.svcshare.lock.LockClient;
import org.svcshare.lock.ServerAddress;
import org.svcshare.lock.Why;
import org.svcshare.pool.Refusal;

/// The pool of another svcshare, or of a group of them, that guards a gate: how it is reached, and
/// what it says in the words of a bot.
///
/// @param address for people: where it is
/// @param named whether the server knows by a token who asks
/// @param client asks one after the other until one answers
/// @param each every one of the group alone; empty where there is one
record GuardServer(
        String address, String pool, boolean named, LockClient client, List<GuardServer> each) {
    private static final String POOLS = "/api/v1/pools/";

    /// @param guard one with a URL
    static GuardServer of(GuardSettings guard) {
        List<ServerAddress> addresses = guard.urls().stream().map(GuardServer::address).toList();
        return addresses.size() == 1
                ? of(guard, addresses, List.of())
                : of(
                        guard,
                        addresses,
                        addresses.stream().map(a -> of(guard, List.of(a), List.of())).toList());
    }

    private static GuardServer of(
            GuardSettings guard, List<ServerAddress> addresses, List<GuardServer> each) {
        var access = new Access(addresses, guard.token(), guard.ca(), Duration.ZERO);
        String where = addresses.stream().map(String::valueOf).collect(Collectors.joining(" or "));
        return new GuardServer(
                where, guard.pool(), guard.token().isPresent(), new LockClient(access), each);
    }

    private static ServerAddress address(URI url) {
        String text = url.toString();
        return ServerAddress.parse(text.substring(0, text.lastIndexOf(POOLS)));
    }

    /// The pool's place in the API.
    String target() {
        return POOLS + LockClient.encode(pool);
    }

    /// What a no means to the bot.
    ///
    /// @param answer anything but [Answer.Held]
    Lock.Answer no(Answer answer) {
        return switch (answer) {
            case Answer.Refused(Why why, String detail) ->
                    refusal(why)
                            .<Lock.Answer>map(Lock.Answer.Refused::new)
                            .orElseGet(() -> new Lock.Answer.Barred(words(why, detail)));
            case Answer.Unreachable(String why) -> new Lock.Answer.Failed(plain(why));
            case Answer.PerhapsDone(String why) -> new Lock.Answer.Failed(plain(why));
            case Answer.Cancelled _ -> new Lock.Answer.Failed("given up");
            case Answer.Held _ -> throw new IllegalArgumentException("not a no");
        };
    }

    /// What the server says of a ticket; empty: it does not like us or the question.
    private static Optional<Refusal> refusal(Why why) {
        return switch (why) {
            case BUSY -> Optional.of(Refusal.BUSY);
            case TIMED_OUT -> Optional.of(Refusal.TIMED_OUT);
            case TOO_MANY_WAITERS -> Optional.of(Refusal.TOO_MANY_WAITERS);
            case TOO_MANY_TICKETS -> Optional.of(Refusal.TOO_MANY_TICKETS);
            case UNKNOWN_POOL -> Optional.of(Refusal.UNKNOWN_POOL);
            case NOT_OWNER -> Optional.of(Refusal.NOT_OWNER);
            case EXPIRED -> Optional.of(Refusal.EXPIRED);
            case RELEASED -> Optional.of(Refusal.RELEASED);
            case FORCED -> Optional.of(Refusal.FORCED);
            case UNKNOWN_TICKET -> Optional.of(Refusal.UNKNOWN_TICKET);
            case ID_REUSED -> Optional.of(Refusal.ID_REUSED);
            case NOT_ALLOWED,
                    FORBIDDEN,
                    UNAUTHORIZED,
                    INVALID,
                    WRONG_HOST,
                    NO_GROUP,
                    UNKNOWN_NODE,
                    CONFLICT,
                    OTHER ->
                    Optional.empty();
        };
    }

    /// The same for people, with what to do about it.
    String words(Why why, String detail) {
        return switch (why) {
            case UNAUTHORIZED ->
                    named
                            ? address + " does not know the token (turn.guard-token)"
                            : address + " wants a token (turn.guard-token)";
            case FORBIDDEN ->
                    "the token may not take locks at " + address + ": it needs the role lock there";
            case NOT_ALLOWED ->
                    "pool '"
                            + pool
                            + "' at "
                            + address
                            + " is not for this bot: its list allow there does not have "
                            + (named ? "the token's name" : "the bot's nick");
            case UNKNOWN_POOL ->
                    "there is no pool '" + pool + "' at " + address + ": declare it there";
            case WRONG_HOST ->
                    address + " goes by another name: put this one into http.hosts there";
            case BUSY,
                    TIMED_OUT,
                    TOO_MANY_WAITERS,
                    TOO_MANY_TICKETS,
                    NOT_OWNER,
                    EXPIRED,
                    RELEASED,
                    FORCED,
                    UNKNOWN_TICKET,
                    ID_REUSED,
                    INVALID,
                    NO_GROUP,
                    UNKNOWN_NODE,
                    CONFLICT,
                    OTHER ->
                    address + " says: " + plain(detail);
        };
    }

    /// What another machine wrote must steer neither a channel nor a terminal.
    static String plain(String text) {
        String clean = text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " ").strip();
        return clean.length() > 200 ? clean.substring(0, 200) + "…" : clean;
    }
}
