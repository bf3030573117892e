package org.svcshare.client;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class NzbgetTest {

    abstract static class Contract extends ClientProgramContract {
        @Override
        String type() {
            return "nzbget";
        }

        @Override
        String name() {
            return "NZBGet";
        }

        @Override
        boolean loadsForced() {
            return true;
        }
    }

    @Nested
    final class Version_13 extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeNzbget(13);
        }
    }

    @Nested
    final class Version_26 extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeNzbget(26);
        }
    }
}
