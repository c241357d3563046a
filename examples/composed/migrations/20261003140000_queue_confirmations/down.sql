DROP TRIGGER queue_confirmation ON orders;
DROP FUNCTION queue_confirmation();
