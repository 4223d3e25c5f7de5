import { carried, type FieldTable, ignored, refused } from './fields.js'

const CACHE = ignored('the provider caches by itself')
const SERVER_TOOL = refused('it belongs to a tool that runs at Anthropic; leave it out of the conversation')

/**
 * What becomes of Anthropic's fields on the way to a provider that speaks OpenAI's chat format.
 * Sources: Anthropic's Messages reference and the types of @anthropic-ai/sdk 1.12.
 */
export const MESSAGES_FIELDS: FieldTable = {
  model: carried(),
  max_tokens: carried(),
  messages: carried('consecutive turns of one role are one turn'),
  'messages[].role': carried('`system` in the middle of a conversation too'),
  'messages[].content': carried(),
  system: carried('blocks and their order; a block that begins `x-anthropic-billing-header` is left out'),
  stream: carried(),
  stop_sequences: carried('as many as the provider takes, else 400'),
  temperature: carried(),
  top_p: carried(),
  top_k: carried('400 where the provider has none'),
  tools: carried(),
  tool_choice: carried('`any` and `tool` are 400 where the provider cannot force a call'),
  thinking: carried('as an effort or a switch, whichever the provider has'),
  output_config: carried('`effort`, and `format` as a response format'),
  output_format: carried('the older name of `output_config.format`'),
  metadata: carried('`user_id` as `user`, where the provider has that and it is at most 64 characters'),
  cache_control: CACHE,
  service_tier: ignored('there is one tier'),
  context_management: ignored('nothing is cleared: the provider sees the whole conversation'),
  diagnostics: ignored('it asks Anthropic about its cache'),
  safeguards: ignored("they are Anthropic's own"),
  inference_geo: refused('where it runs cannot be chosen; leave it out', 'global'),
  speed: refused('there is one speed; leave it out', 'standard'),
  user_profile_id: ignored('it names a profile at Anthropic'),
  workspace_id: ignored('it names a workspace at Anthropic'),
  container: refused('code that runs at Anthropic; leave it out'),
  mcp_servers: refused("run the MCP server on the client's side"),
  fallbacks: refused('ask for the model that is wanted'),
  fallback_credit_token: refused('leave it out'),
  billing_policy: refused('leave it out'),
  compaction: refused('compact in the client'),
  thread: refused('nothing is kept here; send the whole conversation'),

  'thinking.type': carried(),
  'thinking.budget_tokens': carried(
    'as an effort: 1,024 minimal, 2,048 low, 8,192 medium, 16,384 high, 32,768 xhigh, above max'
  ),
  'thinking.display': ignored('what reasoning the provider shows is shown'),
  'output_config.effort': carried('the nearest that the provider knows'),
  'output_config.format': carried('400 where the provider has no schemas'),
  'metadata.user_id': carried(),

  'system[].type': carried(),
  'system[].text': carried(),
  'system[].cache_control': CACHE,
  'system[].citations': ignored('they cite what is in the text'),

  'content[text].type': carried(),
  'content[text].text': carried(),
  'content[text].cache_control': CACHE,
  'content[text].citations': ignored('the text that they are about is carried'),

  'content[image].type': carried(),
  'content[image].source': carried('base64 and url; a file id is 400. 400 where the model takes no images'),
  'content[image].cache_control': CACHE,
  'content[image].transformations': refused('send the image as it is to be seen'),

  'content[document].type': carried(),
  'content[document].source': carried(
    'text as text; a base64 PDF as a file, 400 where the provider takes none; a url or file id is 400'
  ),
  'content[document].title': carried("as the file's name, or before the text"),
  'content[document].context': carried('as text before the document'),
  'content[document].citations': ignored('the answer cites nothing'),
  'content[document].cache_control': CACHE,

  'source.type': carried(),
  'source.media_type': carried(),
  'source.data': carried(),
  'source.url': carried(),
  'source.content': carried('as text'),
  'source.file_id': refused('a file id means nothing to this model; send the content as base64'),

  'content[thinking].type': carried(),
  'content[thinking].thinking': carried('to providers that want it back, in the field that they have for it'),
  'content[thinking].signature': ignored('only its own provider can check it; to OpenRouter it goes back'),
  'content[redacted_thinking].type': carried(),
  'content[redacted_thinking].data': ignored('only its own provider can read it; to OpenRouter it goes back'),

  'content[tool_use].type': carried(),
  'content[tool_use].id': carried(),
  'content[tool_use].name': carried(),
  'content[tool_use].input': carried(),
  'content[tool_use].cache_control': CACHE,
  'content[tool_use].caller': ignored('the call stands for itself'),
  'content[tool_use].toolset_name': refused("call a tool of the client's own"),

  'content[tool_result].type': carried(),
  'content[tool_result].tool_use_id': carried(),
  'content[tool_result].content': carried('images and documents follow in a user message that names the call'),
  'content[tool_result].is_error': carried('as `Error:` before the text'),
  'content[tool_result].cache_control': CACHE,
  'content[tool_result].toolset_name': refused("return a result of the client's own tool"),

  'content[search_result]': refused('send what was found as text'),
  'content[server_tool_use]': SERVER_TOOL,
  'content[web_search_tool_result]': SERVER_TOOL,
  'content[web_fetch_tool_result]': SERVER_TOOL,
  'content[code_execution_tool_result]': SERVER_TOOL,
  'content[bash_code_execution_tool_result]': SERVER_TOOL,
  'content[text_editor_code_execution_tool_result]': SERVER_TOOL,
  'content[tool_search_tool_result]': SERVER_TOOL,
  'content[tool_reference]': refused('send the tool itself in `tools`'),
  'content[browser_state]': refused('send what it says as text'),
  'content[container_upload]': refused('send the content itself'),
  'content[compaction]': refused('send the summary as text'),

  'tools[].type': carried('`custom` alone: tools that Anthropic defines or runs are 400'),
  'tools[].name': carried(),
  'tools[].description': carried(),
  'tools[].input_schema': carried(),
  'tools[].input_examples': carried('as JSON at the end of the description'),
  'tools[].strict': carried('left out where the provider has no strict tools'),
  'tools[].cache_control': CACHE,
  'tools[].eager_input_streaming': ignored('arguments are streamed as they come'),
  'tools[].defer_loading': refused('send the tools that the model may call', false),
  'tools[].allowed_callers': carried('`direct` alone'),

  'tool_choice.type': carried(),
  'tool_choice.name': carried(),
  'tool_choice.disable_parallel_tool_use': carried('400 where the provider cannot be told')
}
