package org.svcshare.spawn;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/// Who has logged in and under which token. Keeps digests of the tokens only; gone with the
/// process.
///
/// Only on the event loop.
final class Sessions {
    private static final int TOKEN_BYTES = 32;
    private static final int MOST = 10_000;

    /// Of one person: one who logs in for every request must not push others out.
    private static final int MOST_OF_ONE = 100;

    private final SecureRandom random = new SecureRandom();
    private final long lifeNanos;
    private final LongSupplier clock;

    /// The oldest first; all live equally long, so that the oldest end first as well.
    private final Map<String, Session> byDigest = new LinkedHashMap<>();

    private record Session(Person person, long untilNanos) {}

    /// @param clock nanoseconds on no calendar
    Sessions(Duration life, LongSupplier clock) {
        this.lifeNanos = life.toNanos();
        this.clock = clock;
    }

    /// @return a new token, 64 hexadecimal digits
    String open(Person person) {
        long now = clock.getAsLong();
        byDigest.values().removeIf(session -> session.untilNanos - now <= 0);
        var own = byDigest.entrySet().stream().filter(of(person)).map(Map.Entry::getKey).toList();
        if (own.size() >= MOST_OF_ONE) {
            byDigest.remove(own.getFirst());
        } else if (byDigest.size() >= MOST) {
            byDigest.remove(byDigest.keySet().iterator().next());
        }
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        String token = HexFormat.of().formatHex(bytes);
        byDigest.put(digest(token), new Session(person, now + lifeNanos));
        return token;
    }

    private static Predicate<Map.Entry<String, Session>> of(Person person) {
        return session -> session.getValue().person.uid().equals(person.uid());
    }

    static boolean isToken(String text) {
        return text.matches("[0-9a-fA-F]{" + 2 * TOKEN_BYTES + "}");
    }

    /// @return empty for a token that nobody has, or that is over
    Optional<Person> who(String token) {
        Session session = byDigest.get(digest(token));
        return session != null && session.untilNanos - clock.getAsLong() > 0
                ? Optional.of(session.person)
                : Optional.empty();
    }

    /// @return whether there was one
    boolean close(String token) {
        boolean good = who(token).isPresent();
        byDigest.remove(digest(token));
        return good;
    }

    private static String digest(String token) {
        try {
            byte[] bytes = token.toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
