package org.svcshare.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.cluster.Question.Reply;
import org.svcshare.cluster.Vacancy.Heir;
import org.svcshare.pool.GroupChange;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
final class VacancyTest {
    private static Heir heir(String id, int priority, long term, long index) {
        return new Heir(
                new Member(ClusterPeer.at(id, "10.0.0.1", 7440), priority),
                new Reply.Far(term, index));
    }

    @Test
    void given_logs_of_another_length_then_who_has_most_stands_first_whoever_should_rather_lead() {
        assertEquals(
                List.of("n3", "n2", "n1"),
                Vacancy.order(
                        List.of(heir("n1", 1, 4, 90), heir("n2", 5, 5, 70), heir("n3", 9, 5, 71))));
    }

    @Test
    void given_logs_that_are_the_same_then_who_should_rather_lead_stands_first_and_then_by_name() {
        assertEquals(
                List.of("n3", "n1", "n2"),
                Vacancy.order(
                        List.of(heir("n2", 5, 5, 70), heir("n1", 5, 5, 70), heir("n3", 2, 5, 70))));
    }

    @Test
    void given_one_that_never_leads_then_it_does_not_stand() {
        assertEquals(
                List.of("n1"),
                Vacancy.order(List.of(heir("n2", GroupChange.OFF, 5, 71), heir("n1", 5, 5, 70))));
    }
}
