package org.svcshare.it;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.svcshare.ircd.Ircd;

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
}
