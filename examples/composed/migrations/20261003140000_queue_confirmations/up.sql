--! Queue a confirmation for each order.
--!
--! parent: 20261002101500
--! depends-on: job_queue::20260801090000

CREATE FUNCTION queue_confirmation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO jobs (queue, payload) VALUES ('confirmations', NEW.customer);
    RETURN NULL;
END
$$;
CREATE TRIGGER queue_confirmation AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION queue_confirmation();
