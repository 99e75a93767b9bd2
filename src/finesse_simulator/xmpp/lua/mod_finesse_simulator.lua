-- Joins an agents' host to the simulator, which is the component pubsub.<host>:
-- * tells it an agent's presence, and passes it what agents send to finesse@<host>;
-- * cuts the sessions of one agent, or all connections, when it asks.
local st = require "util.stanza";

local component = "pubsub." .. module.host;
local web_application = "finesse@" .. module.host;
local xmlns_cut = "urn:finesse-simulator:cut";
local connections = module:shared("/*/c2s/sessions");

-- Before mod_presence (priority 0). A lost connection comes by here too, as unavailable presence.
module:hook("presence/bare", function (event)
	local stanza = event.stanza;
	local kind, to = stanza.attr.type, stanza.attr.to;
	if to == web_application then
		module:send(st.presence({ from = stanza.attr.from, to = component, type = kind or "available" }));
		return true;
	elseif to == nil and (kind == nil or kind == "unavailable") then
		local told = st.presence({ from = event.origin.full_jid, to = component, type = kind });
		module:send(told:text_tag("priority", stanza:get_child_text("priority") or "0"));
	end
end, 10);

module:hook("iq-set/host/" .. xmlns_cut .. ":cut", function (event)
	local stanza = event.stanza;
	if stanza.attr.from ~= component then return; end -- anybody else hears that there is no such service
	local user = stanza.tags[1].attr.user;
	local doomed = {};
	for conn, session in pairs(connections) do
		if not user or session.username == user then
			doomed[#doomed + 1] = conn;
		end
	end
	for _, conn in ipairs(doomed) do
		conn:close();
	end
	event.origin.send(st.reply(stanza));
	return true;
end);
