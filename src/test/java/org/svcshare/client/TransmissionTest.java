package org.svcshare.client;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Nested;

@DisplayNameGeneration(ReplaceUnderscores.class)
final class TransmissionTest {

    abstract static class Contract extends ClientProgramContract {
        @Override
        String type() {
            return "transmission";
        }

        @Override
        String name() {
            return "Transmission";
        }
    }

    @Nested
    final class Version_4_0 extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeTransmission(false);
        }
    }

    @Nested
    final class Version_4_1 extends Contract {
        @Override
        FakeProgram fake() {
            return new FakeTransmission(true);
        }
    }
}
