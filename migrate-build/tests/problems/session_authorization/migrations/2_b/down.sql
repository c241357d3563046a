--! transaction: none

SET LOCAL session_authorization = 'other';
