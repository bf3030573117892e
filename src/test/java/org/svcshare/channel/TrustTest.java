package org.svcshare.channel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.svcshare.channel.Trust.Verdict;
import org.svcshare.config.PeerSettings;
import org.svcshare.config.Secret;
import org.svcshare.turn.Casemapping;
import org.svcshare.turn.PeerMessage;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TrustTest {
    private static final Instant T0 = Instant.parse("2026-11-21T10:00:00Z");
    private static final Trust.Place PLACE =
            new Trust.Place("TestNet", "#usenet", Casemapping.RFC1459);
    private static final Secret SECRET = new Secret("0123456789abcdef0123456789abcdef");
    private static final Secret OLD_SECRET = new Secret("fedcba9876543210fedcba9876543210");
    private static final PeerSettings SIGNED = new PeerSettings(List.of(SECRET), true);
    private static final String BOOT_A = "aaaaaaaaaaaaaaaa";
    private static final String BOOT_B = "bbbbbbbbbbbbbbbb";
    private static final Verdict BELIEVED = new Verdict.Believed();

    private final PeerCodec codec = new PeerCodec();
    private final Trust anna = joined(SIGNED, BOOT_A, "anna", T0);
    private final Trust ben = joined(SIGNED, BOOT_B, "ben", T0);

    @Test
    void given_a_hello_when_a_vote_follows_then_both_are_believed() {
        assertEquals(BELIEVED, judge(ben, "anna", hello(anna, BOOT_A, null, at(1)), at(1)));
        assertEquals(BELIEVED, judge(ben, "anna", vote(anna, at(2)), at(2)));
    }

    @Test
    void given_no_hello_when_a_vote_comes_then_its_sender_is_unknown() {
        assertEquals(rejected("unknown-sender"), judge(ben, "anna", vote(anna, at(2)), at(2)));
    }

    @Test
    void given_a_stranger_when_it_votes_a_tenth_of_a_mb_then_nobody_listens() {
        String unsigned =
                codec.encode(
                        new PeerMessage.Vote("b-1", 0.1, 0, 0, 0, PeerMessage.VoteState.READY, 0));
        var otherGroup = joined(new PeerSettings(List.of(OLD_SECRET), true), BOOT_A, "eve", T0);

        assertEquals(rejected("unsigned"), judge(ben, "eve", unsigned, at(1)));
        assertEquals(
                rejected("unknown-key"),
                judge(ben, "eve", hello(otherGroup, BOOT_A, null, at(1)), at(1)));
    }

    @Test
    void given_a_recorded_message_when_it_is_played_again_then_it_is_refused() {
        String hello = hello(anna, BOOT_A, null, at(1));
        String vote = vote(anna, at(2));
        judge(ben, "anna", hello, at(1));
        judge(ben, "anna", vote, at(2));

        assertEquals(rejected("replayed"), judge(ben, "anna", vote, at(3)));
        assertEquals(rejected("replayed"), judge(ben, "anna", hello, at(3)));
        assertEquals(rejected("bad-code"), judge(ben, "eve", hello, at(3)));
        assertEquals(rejected("unknown-sender"), judge(ben, "eve", vote, at(3)));
    }

    @Test
    void given_a_message_of_another_channel_or_network_when_played_here_then_the_code_is_bad() {
        var elsewhere = new Trust(SIGNED, BOOT_A);
        elsewhere.joined(new Trust.Place("TestNet", "#other", Casemapping.RFC1459), "anna", T0);
        var abroad = new Trust(SIGNED, BOOT_A);
        abroad.joined(new Trust.Place("OtherNet", "#usenet", Casemapping.RFC1459), "anna", T0);

        assertEquals(
                rejected("bad-code"),
                judge(ben, "anna", hello(elsewhere, BOOT_A, null, at(1)), at(1)));
        assertEquals(
                rejected("bad-code"),
                judge(ben, "anna", hello(abroad, BOOT_A, null, at(1)), at(1)));
    }

    @Test
    void given_a_private_message_when_played_to_another_or_to_the_channel_then_refused() {
        var carl = joined(SIGNED, "cccccccccccccccc", "carl", T0);
        judge(anna, "ben", hello(ben, BOOT_B, null, at(1)), at(1));
        String toBen = hello(anna, BOOT_A, "ben", at(2));

        assertEquals(rejected("bad-code"), direct(carl, "anna", toBen, at(3)));
        assertEquals(rejected("bad-code"), judge(ben, "anna", toBen, at(3)));
        assertEquals(BELIEVED, direct(ben, "anna", toBen, at(3)));
    }

    @Test
    void given_a_nick_taken_over_while_its_owner_is_away_then_recordings_are_worth_nothing() {
        String hello = hello(anna, BOOT_A, null, at(1));
        String vote = vote(anna, at(2));
        judge(ben, "anna", hello, at(1));
        judge(ben, "anna", vote, at(2));

        ben.left("anna");

        assertEquals(rejected("replayed"), judge(ben, "anna", hello, at(5)));
        assertEquals(rejected("unknown-sender"), judge(ben, "anna", vote, at(5)));
    }

    @Test
    void given_a_receiver_restarted_when_a_recording_is_played_then_it_is_not_believed() {
        String hello = hello(anna, BOOT_A, null, at(1));
        String vote = vote(anna, at(2));
        var benAgain = joined(SIGNED, "b2b2b2b2b2b2b2b2", "ben", at(10));

        assertInstanceOf(Verdict.Doubtful.class, judge(benAgain, "anna", hello, at(11)));
        assertEquals(rejected("unknown-sender"), judge(benAgain, "anna", vote, at(11)));
    }

    @Test
    void given_a_receiver_restarted_when_a_private_hello_to_its_past_is_played_then_refused() {
        judge(anna, "ben", hello(ben, BOOT_B, null, at(1)), at(1));
        String answer = hello(anna, BOOT_A, "ben", at(2));
        var benAgain = joined(SIGNED, "b2b2b2b2b2b2b2b2", "ben", at(10));

        assertEquals(rejected("bad-code"), direct(benAgain, "anna", answer, at(11)));
    }

    @Test
    void given_a_peer_whose_clock_is_behind_when_it_answers_us_then_it_is_believed() {
        var benLater = joined(SIGNED, BOOT_B, "ben", at(60));
        judge(anna, "ben", hello(benLater, BOOT_B, null, at(60)), at(20));

        // Anna's clock says 20 while ours says 60.
        String answer = hello(anna, BOOT_A, "ben", at(20));

        assertEquals(BELIEVED, direct(benLater, "anna", answer, at(60)));
        assertEquals(BELIEVED, judge(benLater, "anna", vote(anna, at(21)), at(61)));
    }

    @Test
    void given_a_restarted_peer_when_it_says_hello_then_its_new_boot_counts_and_the_old_not() {
        judge(ben, "anna", hello(anna, BOOT_A, null, at(1)), at(1));
        var annaAgain = joined(SIGNED, "a2a2a2a2a2a2a2a2", "anna", at(5));

        assertEquals(rejected("bad-code"), judge(ben, "anna", vote(annaAgain, at(6)), at(6)));
        assertEquals(
                BELIEVED,
                judge(ben, "anna", hello(annaAgain, "a2a2a2a2a2a2a2a2", null, at(7)), at(7)));
        assertEquals(BELIEVED, judge(ben, "anna", vote(annaAgain, at(8)), at(8)));
        assertEquals(rejected("bad-code"), judge(ben, "anna", vote(anna, at(9)), at(9)));
    }

    @Test
    void given_two_bots_claim_one_nick_then_the_one_that_said_hello_last_is_believed() {
        var other = joined(SIGNED, "dddddddddddddddd", "anna", T0);
        judge(ben, "anna", hello(anna, BOOT_A, null, at(1)), at(1));
        judge(ben, "anna", hello(other, "dddddddddddddddd", null, at(2)), at(2));

        assertEquals(rejected("bad-code"), judge(ben, "anna", vote(anna, at(3)), at(3)));
        assertEquals(BELIEVED, judge(ben, "anna", vote(other, at(3)), at(3)));
    }

    @Test
    void given_a_message_older_or_newer_than_the_window_then_it_is_refused() {
        String hello = hello(anna, BOOT_A, null, at(1));

        assertEquals(rejected("out-of-window"), judge(ben, "anna", hello, at(122)));
        assertEquals(
                rejected("out-of-window"),
                judge(ben, "anna", hello, T0.minus(Duration.ofSeconds(130))));
    }

    @Test
    void given_a_clock_that_stands_or_goes_back_when_signing_then_the_counter_still_grows() {
        judge(ben, "anna", hello(anna, BOOT_A, null, at(5)), at(5));

        assertEquals(BELIEVED, judge(ben, "anna", vote(anna, at(5)), at(5)));
        assertEquals(BELIEVED, judge(ben, "anna", vote(anna, at(3)), at(5)));
    }

    @Test
    void given_a_changed_payload_or_code_when_judged_then_the_code_is_bad() {
        String hello = hello(anna, BOOT_A, null, at(1));

        assertEquals(
                rejected("bad-code"),
                judge(ben, "anna", hello.replace("\"1.0\"", "\"1.1\""), at(1)));
        char last = hello.charAt(hello.length() - 1);
        String forged = hello.substring(0, hello.length() - 1) + (last == 'A' ? 'Q' : 'A');
        assertEquals(rejected("bad-code"), judge(ben, "anna", forged, at(1)));
    }

    @Test
    void given_two_secrets_when_the_group_rotates_then_either_is_accepted() {
        var rotating =
                joined(new PeerSettings(List.of(SECRET, OLD_SECRET), true), BOOT_B, "ben", T0);
        var old = joined(new PeerSettings(List.of(OLD_SECRET), true), "c0c0", "carl", T0);

        assertEquals(BELIEVED, judge(rotating, "anna", hello(anna, BOOT_A, null, at(1)), at(1)));
        assertEquals(BELIEVED, judge(rotating, "carl", hello(old, "c0c0", null, at(1)), at(1)));
        assertEquals(
                rejected("unknown-key"),
                judge(ben, "carl", hello(old, "c0c0", null, at(2)), at(2)));
    }

    @Test
    void given_a_renamed_peer_when_it_votes_under_the_new_nick_then_it_is_believed() {
        judge(ben, "anna", hello(anna, BOOT_A, null, at(1)), at(1));
        ben.renamed("anna", "anna2");
        anna.renamed("anna", "anna2");

        assertEquals(BELIEVED, judge(ben, "ANNA2", vote(anna, at(2)), at(2)));
    }

    @Test
    void D11_given_signed_only_when_a_stranger_yields_in_generation_1_then_nobody_stops() {
        assertEquals(
                rejected("unsigned"),
                judge(ben, "eve", codec.encode(new PeerMessage.LegacyYield()), at(1)));
    }

    @Test
    void given_any_when_unsigned_messages_come_then_they_count_but_not_in_a_signers_name() {
        var open = joined(new PeerSettings(List.of(SECRET), false), BOOT_B, "ben", T0);
        judge(open, "anna", hello(anna, BOOT_A, null, at(1)), at(1));
        String unsigned = codec.encode(new PeerMessage.Yield(3));

        assertEquals(BELIEVED, judge(open, "carl", unsigned, at(2)));
        assertEquals(rejected("unsigned-from-signer"), judge(open, "anna", unsigned, at(2)));
        assertEquals(
                BELIEVED, judge(open, "carl", codec.encode(new PeerMessage.LegacyYield()), at(2)));
    }

    @Test
    void given_no_secret_when_signed_and_unsigned_messages_come_then_both_count() {
        var open = joined(PeerSettings.ANY, BOOT_B, "ben", T0);

        assertEquals(BELIEVED, judge(open, "anna", hello(anna, BOOT_A, null, at(1)), at(1)));
        assertEquals(BELIEVED, judge(open, "carl", codec.encode(new PeerMessage.Yield(3)), at(1)));
    }

    @Test
    void given_a_rejoin_when_old_acquaintances_speak_then_they_have_to_say_hello_again() {
        judge(ben, "anna", hello(anna, BOOT_A, null, at(1)), at(1));
        ben.joined(PLACE, "ben", at(10));

        assertEquals(rejected("unknown-sender"), judge(ben, "anna", vote(anna, at(11)), at(11)));
        assertEquals(BELIEVED, judge(ben, "anna", hello(anna, BOOT_A, null, at(12)), at(12)));
    }

    private static Instant at(int second) {
        return T0.plusSeconds(second);
    }

    private static Verdict rejected(String reason) {
        return new Verdict.Rejected(reason);
    }

    private static Trust joined(PeerSettings settings, String boot, String nick, Instant when) {
        var trust = new Trust(settings, boot);
        trust.joined(PLACE, nick, when);
        return trust;
    }

    private String hello(Trust sender, String boot, @Nullable String to, Instant now) {
        return codec.encode(
                new PeerMessage.Hello("owner", "1.0", 2, boot, "ageing", true),
                (type, payload) -> sender.seal(to, type, payload, now));
    }

    private String vote(Trust sender, Instant now) {
        return codec.encode(
                new PeerMessage.Vote("b-1", 0.1, 0, 0, 0, PeerMessage.VoteState.READY, 0),
                (type, payload) -> sender.seal(null, type, payload, now));
    }

    private Verdict judge(Trust receiver, String from, String text, Instant now) {
        return receiver.judge(from, false, decoded(text), now);
    }

    private Verdict direct(Trust receiver, String from, String text, Instant now) {
        return receiver.judge(from, true, decoded(text), now);
    }

    private Decoded.Message decoded(String text) {
        return assertInstanceOf(Decoded.Message.class, codec.decode(text));
    }
}
