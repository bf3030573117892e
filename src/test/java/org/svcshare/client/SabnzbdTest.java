package org.svcshare.client;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class SabnzbdTest {

    abstract static class Contract extends ClientProgramContract {
        @Override
        String type() {
            return "sabnzbd";
        }

        @Override
        String name() {
            return "SABnzbd";
        }

        @Override
        boolean probeNeedsLogin() {
            return false;
        }

        @Override
        boolean takesIds() {
            return true;
        }
    }

    @Nested
    final class Today extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeSabnzbd(false);
        }

        @Override
        boolean loadsForced() {
            return true;
        }
    }

    @Nested
    final class As_0_3_knew_it extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeSabnzbd(true);
        }

        @Override
        boolean pausesItems() {
            return false;
        }
    }
}
