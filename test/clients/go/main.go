// The scenes of test/clients by OpenAI's Go client: one line of JSON each, with its value or its error.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/openai/openai-go/v3/shared"
)

const (
	timeout    = 400 * time.Millisecond
	wordsRead  = 3
	toolResult = "21 degrees in Seoul"
)

var (
	name     = os.Getenv("CLIENT_NAME")
	model    = os.Getenv("CLIENT_MODEL")
	embedder = os.Getenv("CLIENT_EMBEDDER")
	ctx      = context.Background()
	// Base URL and key come from OPENAI_BASE_URL and OPENAI_API_KEY.
	client  = openai.NewClient()
	noRetry = option.WithMaxRetries(0)
	tools   = []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
		Name:        "get_weather",
		Description: openai.String("Weather"),
		Parameters: shared.FunctionParameters{
			"type":       "object",
			"properties": map[string]any{"city": map[string]any{"type": "string"}},
			"required":   []string{"city"},
		},
	})}
	citySchema = map[string]any{
		"type":                 "object",
		"properties":           map[string]any{"city": map[string]any{"type": "string"}, "celsius": map[string]any{"type": "number"}},
		"required":             []string{"city", "celsius"},
		"additionalProperties": false,
	}
)

type value map[string]any

func asked(scene, text string) openai.ChatCompletionNewParams {
	message := openai.UserMessage(fmt.Sprintf("%s %s: %s", scene, name, text))
	return openai.ChatCompletionNewParams{Model: model, Messages: []openai.ChatCompletionMessageParamUnion{message}}
}

func question(scene string) openai.ChatCompletionNewParams {
	return asked(scene, "How are you?")
}

func create(scene string, options ...option.RequestOption) (*openai.ChatCompletion, error) {
	return client.Chat.Completions.New(ctx, question(scene), options...)
}

func chat() (any, error) {
	answer, err := create("chat")
	if err != nil {
		return nil, err
	}
	choice := answer.Choices[0]
	return value{"text": choice.Message.Content, "finish": choice.FinishReason, "usage": answer.Usage.TotalTokens}, nil
}

// The loop of OpenAI's own README, without a guard.
func untilItRaises(stream *ssestream.Stream[openai.ChatCompletionChunk]) value {
	var text strings.Builder
	for stream.Next() {
		text.WriteString(stream.Current().Choices[0].Delta.Content)
	}
	if err := stream.Err(); err != nil {
		return value{"text": text.String(), "raised": described(err)}
	}
	return value{"text": text.String(), "raised": nil}
}

func streamed(scene string) value {
	return untilItRaises(client.Chat.Completions.NewStreaming(ctx, question(scene), noRetry))
}

func streamUsage() (any, error) {
	params := question("usage")
	params.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
	stream := client.Chat.Completions.NewStreaming(ctx, params)
	usages := []int64{}
	for stream.Next() {
		if total := stream.Current().Usage.TotalTokens; total > 0 {
			usages = append(usages, total)
		}
	}
	return value{"usages": usages}, stream.Err()
}

func withTools() (any, error) {
	params := question("tools")
	params.Tools = tools
	first, err := client.Chat.Completions.New(ctx, params)
	if err != nil {
		return nil, err
	}
	call := answerCall(&params, first.Choices[0].Message)
	second, err := client.Chat.Completions.New(ctx, params)
	if err != nil {
		return nil, err
	}
	return rounds(call, second.Choices[0].Message.Content)
}

func withToolsStreamed() (any, error) {
	params := question("tools")
	params.Tools = tools
	stream := client.Chat.Completions.NewStreaming(ctx, params)
	collected := openai.ChatCompletionAccumulator{}
	for stream.Next() {
		collected.AddChunk(stream.Current())
	}
	if err := stream.Err(); err != nil {
		return nil, err
	}
	call := answerCall(&params, collected.Choices[0].Message)
	text := untilItRaises(client.Chat.Completions.NewStreaming(ctx, params))["text"].(string)
	return rounds(call, text)
}

// Appends the model's call of the tool and its result to a conversation.
func answerCall(params *openai.ChatCompletionNewParams, message openai.ChatCompletionMessage) openai.ChatCompletionMessageToolCallUnion {
	call := message.ToolCalls[0]
	params.Messages = append(params.Messages, message.ToParam(), openai.ToolMessage(toolResult, call.ID))
	return call
}

func rounds(call openai.ChatCompletionMessageToolCallUnion, text string) (any, error) {
	var arguments any
	err := json.Unmarshal([]byte(call.Function.Arguments), &arguments)
	return value{"name": call.Function.Name, "arguments": arguments, "text": text}, err
}

func jsonSchema() (any, error) {
	params := question("json")
	params.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{
		OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{
			JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{
				Name:   "weather",
				Strict: openai.Bool(true),
				Schema: citySchema,
			},
		},
	}
	answer, err := client.Chat.Completions.New(ctx, params)
	if err != nil {
		return nil, err
	}
	var weather any
	err = json.Unmarshal([]byte(answer.Choices[0].Message.Content), &weather)
	return weather, err
}

func embeddings() (any, error) {
	input := openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"one", "two"}}
	answer, err := client.Embeddings.New(ctx, openai.EmbeddingNewParams{Model: embedder, Input: input})
	if err != nil {
		return nil, err
	}
	numbers := true
	for _, item := range answer.Data {
		for _, number := range item.Embedding {
			numbers = numbers && !math.IsNaN(number) && !math.IsInf(number, 0)
		}
	}
	return value{"vectors": len(answer.Data), "numbers": numbers}, nil
}

func models() (any, error) {
	ids := []string{}
	pager := client.Models.ListAutoPaging(ctx)
	for pager.Next() {
		ids = append(ids, pager.Current().ID)
	}
	return value{"ids": ids}, pager.Err()
}

func abort() (any, error) {
	leaving, leave := context.WithCancel(ctx)
	defer leave()
	stream := client.Chat.Completions.NewStreaming(leaving, question("abort"))
	words := 0
	for words < wordsRead && stream.Next() {
		if stream.Current().Choices[0].Delta.Content != "" {
			words++
		}
	}
	return value{"words": words}, stream.Err()
}

func full() (any, error) {
	answer, err := create("full")
	if err != nil {
		return nil, err
	}
	return value{"text": answer.Choices[0].Message.Content}, nil
}

// A request that is expected to fail.
func failing(params openai.ChatCompletionNewParams, options ...option.RequestOption) func() (any, error) {
	return func() (any, error) { return client.Chat.Completions.New(ctx, params, options...) }
}

func described(err error) value {
	answered := new(openai.Error)
	if errors.As(err, &answered) {
		return value{"type": "openai.Error", "status": answered.StatusCode, "code": answered.Code, "message": err.Error()}
	}
	kind := fmt.Sprintf("%T", err)
	if errors.Is(err, context.DeadlineExceeded) {
		kind = "context.DeadlineExceeded"
	}
	return value{"type": kind, "status": nil, "code": nil, "message": err.Error()}
}

func main() {
	scenes := map[string]func() (any, error){
		"chat":         chat,
		"stream":       func() (any, error) { return streamed("stream"), nil },
		"stream-usage": streamUsage,
		"tools":        withTools,
		"tools-stream": withToolsStreamed,
		"json":         jsonSchema,
		"embeddings":   embeddings,
		"models":       models,
		"abort":        abort,
		"broken":       func() (any, error) { return streamed("broken"), nil },
		"full":         full,
		"wrong-key":    failing(question("chat"), option.WithAPIKey("sk-wrong")),
		"too-long":     failing(asked("long", strings.Repeat("word ", 8_000)), noRetry),
		"timeout":      failing(question("slow"), noRetry, option.WithRequestTimeout(timeout)),
	}
	out := json.NewEncoder(os.Stdout)
	for _, scene := range os.Args[1:] {
		started := time.Now()
		result, err := scenes[scene]()
		line := value{"scene": scene, "ms": time.Since(started).Milliseconds()}
		if err != nil {
			line["error"] = described(err)
		} else {
			line["value"] = result
		}
		if err := out.Encode(line); err != nil {
			panic(err)
		}
	}
}
