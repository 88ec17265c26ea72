title = Farm advice
exit = Exit
bye = Thank you. Goodbye.
language = Language - Langue - Lugha
yes = Yes
no = No
today = Today
yesterday = Yesterday

menu-ask = Ask a question
menu-answers = My answers
menu-planted = I have planted
menu-crop = Change crop or tips
menu-rate = Was it useful?
menu-leave = No more tips
menu-language = Language

crop = Free farm tips by text. Your main crop?
maize = Maize
beans = Beans
cassava = Cassava
topics = Which tips? Type all numbers that you want, like 1 3
growing = Growing
storing = Storing
selling = Selling
group-code = Code from your group or leader?
no-code = No code
consent = The farm office keeps your number and crop to send you tips. You can stop at any time. Do you agree?
refused = Nothing is saved. You can join later: dial again.
given-name = Your first name?
village = Your village?
joined = You are in. Tips come by text. When you have planted, dial again and say so: later tips follow that day. STOP ends all texts.

question = Your question, in a few words?
asked = Thank you. The answer comes by text, and stands under My answers.
answers = Answers:
each-line = { $events }
no-answer = There is no answer yet. It comes by text.

planted-crop = What did you plant?
planted-day = Which day did you plant, like 17052026?
planted = Thank you. Later tips now follow that day.

rating = Did the tips and answers help you?
rating-good = They helped
rating-partly = Partly
rating-no = They did not
rated = Thank you. It helps us to do better.

leave = Get no more tips?
has-left = You get no more tips. To join again, dial the code.

menu-questions = Open questions
menu-ratings = Was it useful?
questions = Which question?
no-question = Every question has its answer.
reply = { $open_question }
    Your answer?
replied = The answer is on its way.
ratings = Last words of farmers:
no-rating = No farmer has said anything yet.

question-line = { $day }: { $question }
answer-line = { $day }: { $reply }
answer-text = To your question: { $reply }
rating-line = { $day }: { $rating }
event-joined = Joined
event-left = Left
event-planted = Planted
event-question = Question
event-answer = Answer
event-rating = Rating

tip-maize-seed = Maize: buy seed of a known kind and test 20 grains in a wet cloth. If fewer than 16 sprout in a week, take other seed.
tip-maize-weed = Maize: weed now, two weeks after planting. Weeds take most in the first six weeks.
tip-maize-feed = Maize: the plants are knee-high. Put manure or fertiliser beside each plant when the soil is wet, not on the leaves.
tip-maize-harvest = Maize: harvest when the husks are dry and brown. Grain that stays in the field gets wet and mouldy.
tip-beans-seed = Beans: sort the seed by hand. Do not plant grains with holes, spots or wrinkles.
tip-beans-weed = Beans: weed now, and once more before they flower. Do not go in while leaves are wet: you carry disease.
tip-beans-flower = Beans: look under the leaves twice a week. Pull out plants with yellow or curled leaves and bury them.
tip-beans-harvest = Beans: pull the plants when the pods are dry and yellow, in the morning so that pods do not burst.
tip-cassava-seed = Cassava: cut stems from healthy plants, a hand and a half long, with five to seven buds. Leave out stems with spots.
tip-cassava-weed = Cassava: weed now, and again in the second and third month. Then its own shade helps you.
tip-cassava-look = Cassava: leaves that are small, twisted or yellow mean disease. Pull such plants out and burn them.
tip-cassava-harvest = Cassava: dig up one plant and taste. Harvest only what you eat or sell within two days.
tip-grain-dry = Storing: dry grain on a sheet, not on the ground. It is dry enough when it breaks between the teeth and does not bend.
tip-grain-keep = Storing: keep dry grain in clean closed bags, off the floor and away from walls. Look for insects every two weeks.
tip-cassava-keep = Storing: fresh cassava keeps two days. Peel, slice and dry it in the sun on a sheet for longer.
tip-sell-price = Selling: ask three buyers for their price before you sell, and see your grain weighed.
tip-sell-group = Selling: sell together with neighbours. A full load brings a better price and shares the cost of transport.

form-question = Question
form-crop = Crop
form-topics = Tips
form-code = Group code
form-consent = Your consent
form-name = First name
form-village = Village
