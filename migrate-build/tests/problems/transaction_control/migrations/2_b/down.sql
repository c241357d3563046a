--! transaction: none

START TRANSACTION;
ROLLBACK PREPARED 'x';
