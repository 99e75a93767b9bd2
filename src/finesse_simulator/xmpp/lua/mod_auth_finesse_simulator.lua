-- Asks the simulator whether this is the agent's password:
-- POST {finesse_simulator_password_url} with user=..&password=.., 200 means yes.
local new_sasl = require "util.sasl".new;
local http = require "net.http";
local async = require "util.async";
local formencode = require "util.http".formencode;

local url = module:get_option_string("finesse_simulator_password_url");
local host = module.host;
local provider = {};

local function ask(username, password)
	local wait, done = async.waiter();
	local right = false;
	http.request(url, {
		method = "POST";
		headers = { ["Content-Type"] = "application/x-www-form-urlencoded" };
		body = formencode({ user = username, password = password });
	}, function (_, code)
		right = code == 200;
		done();
	end);
	wait();
	return right;
end

function provider.test_password(username, password) return ask(username, password); end
function provider.user_exists() return true; end
function provider.set_password() return nil, "read-only"; end
function provider.create_user() return nil, "read-only"; end
function provider.delete_user() return nil, "read-only"; end

-- PLAIN only, as on Finesse.
function provider.get_sasl_handler()
	return new_sasl(host, {
		plain_test = function (_, username, password) return ask(username, password), true; end
	});
end

module:provides("auth", provider);
