package org.svcshare.spawn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/// How long tokens are good, and how often somebody may guess.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class SessionsTest {
    private static final Person ANNA = Person.named("anna");

    /// Begins shortly before nanoseconds overflow, as they may.
    private final AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 1000);

    private final Sessions sessions = new Sessions(Duration.ofMinutes(30), clock::get);

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    @Test
    void given_a_token_when_its_time_is_over_then_it_is_good_for_nothing() {
        String token = sessions.open(ANNA);
        pass(Duration.ofMinutes(30).minusNanos(1));
        assertEquals(Optional.of(ANNA), sessions.who(token));
        pass(Duration.ofNanos(1));
        assertEquals(Optional.empty(), sessions.who(token));
        assertFalse(sessions.close(token));
    }

    @Test
    void given_a_token_that_was_given_back_when_shown_then_it_is_good_for_nothing() {
        String token = sessions.open(ANNA);
        String other = sessions.open(ANNA);
        assertTrue(sessions.close(token));
        assertEquals(Optional.empty(), sessions.who(token));
        assertEquals(Optional.of(ANNA), sessions.who(other));
    }

    @Test
    void given_many_logins_of_one_person_when_counted_then_others_keep_their_tokens() {
        String other = sessions.open(Person.named("bert"));
        var own = new ArrayList<String>();
        for (int i = 0; i < 150; i++) {
            own.add(sessions.open(ANNA));
        }
        assertEquals(150, new HashSet<>(own).size());
        assertTrue(sessions.who(other).isPresent());
        assertTrue(sessions.who(own.get(49)).isEmpty());
        assertTrue(sessions.who(own.get(50)).isPresent());
    }

    @Test
    void given_more_people_than_fit_when_they_log_in_then_the_oldest_token_goes() {
        String first = sessions.open(ANNA);
        for (int i = 0; i < 9999; i++) {
            sessions.open(Person.named("p" + i));
        }
        assertTrue(sessions.who(first).isPresent());
        sessions.open(Person.named("one more"));
        assertTrue(sessions.who(first).isEmpty());
    }

    @Test
    void given_attempts_when_they_are_used_up_then_they_come_back_one_by_one() {
        var attempts = new Attempts(clock::get);
        for (int i = 0; i < 10; i++) {
            assertTrue(attempts.take("10.0.0.1"));
        }
        assertFalse(attempts.take("10.0.0.1"));
        assertTrue(attempts.take("10.0.0.2"));
        pass(Duration.ofSeconds(6));
        assertTrue(attempts.take("10.0.0.1"));
        assertFalse(attempts.take("10.0.0.1"));
        attempts.giveBack("10.0.0.1");
        assertTrue(attempts.take("10.0.0.1"));
        pass(Duration.ofHours(1));
        for (String address : List.of("2001:db8:0:1:0:0:0:1", "2001:db8:0:1:a:b:c:d")) {
            for (int i = 0; i < 5; i++) {
                assertTrue(attempts.take(address));
            }
        }
        assertFalse(attempts.take("2001:db8:0:1:0:0:0:2"));
        assertTrue(attempts.take("2001:db8:0:2:0:0:0:2"));
    }
}
