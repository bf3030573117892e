package org.svcshare.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.svcshare.ircd.Ircd;
import org.svcshare.turn.PeerMessage;
import org.svcshare.turn.TurnEffect.Weight;
import org.svcshare.turn.TurnEvent;

/// Bots that talk in tags, on the embedded server.
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@Timeout(60)
class IrcOnIrcdIT {
    @Test
    void given_two_bots_and_a_person_when_they_talk_then_the_person_sees_their_hellos_only()
            throws Exception {
        try (var ircd = Ircd.start(IrcdWithIrssiIT.settings())) {
            TalkInTags.unseen(ircd.listening().port());
        }
    }

    @Test
    void given_a_bot_that_does_not_hear_tags_then_all_hear_all() throws Exception {
        try (var ircd = Ircd.start(IrcdWithIrssiIT.settings())) {
            TalkInTags.heardByAll(ircd.listening().port());
        }
    }

    @Test
    void given_irssi_in_the_channel_when_the_bots_talk_then_its_screen_shows_their_hellos_only(
            @TempDir Path folder) throws Exception {
        try (var ircd = Ircd.start(IrcdWithIrssiIT.settings());
                var person = Irssi.connect(folder, ircd.listening(), "boss")) {
            person.shows("End of MOTD command");
            person.types("/join #usenet");
            person.shows("Join to #usenet was synced");
            try (var anna = new IrcBot.Wish(ircd.listening().port(), "anna").start()) {
                anna.next(TurnEvent.Joined.class);
                try (var ben = new IrcBot.Wish(ircd.listening().port(), "ben").start()) {
                    ben.next(TurnEvent.Joined.class);
                    ben.channel.send(null, ben.hello());
                    anna.next(TurnEvent.Heard.class);
                    anna.channel.send("ben", anna.hello());
                    ben.next(TurnEvent.Heard.class);
                    anna.channel.send(null, new PeerMessage.Yield(7));
                    assertEquals(
                            new PeerMessage.Yield(7), ben.next(TurnEvent.Heard.class).message());
                    ben.channel.send(null, new PeerMessage.Released(7, 0));
                    anna.next(TurnEvent.Heard.class);
                    anna.channel.say(null, "that was all", Weight.ANSWER);

                    person.shows("that was all");
                    String screen = person.screen();
                    assertTrue(screen.contains("SSMSG from #usenet: 2 1"), screen);
                    assertFalse(screen.contains("2 5"), screen);
                    assertFalse(screen.contains("2 6"), screen);
                    assertFalse(screen.contains("TAGMSG"), screen);
                }
            }
        }
    }
}
