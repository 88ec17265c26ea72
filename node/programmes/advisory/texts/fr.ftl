# Not yet read by a native speaker.
title = Conseils agricoles
exit = Quitter
bye = Merci. Au revoir.
language = Langue - Language - Lugha
yes = Oui
no = Non
today = Aujourd'hui
yesterday = Hier

menu-ask = Poser une question
menu-answers = Mes réponses
menu-planted = J'ai semé
menu-crop = Changer culture, conseils
menu-rate = Etait-ce utile ?
menu-leave = Plus de conseils
menu-language = Langue

crop = Conseils gratuits par SMS. Votre culture principale ?
maize = Mais
beans = Haricots
cassava = Manioc
topics = Quels conseils ? Tapez tous les numéros voulus, comme 1 3
growing = Culture
storing = Conservation
selling = Vente
group-code = Le code de votre groupe ou chef ?
no-code = Pas de code
consent = Le bureau agricole garde numéro et culture pour vous conseiller. Vous pourrez arreter. D'accord ?
refused = Rien n'est gardé. Vous pourrez adhérer plus tard : rappelez.
given-name = Votre prénom ?
village = Votre village ?
joined = C'est fait. Les conseils viennent par SMS. Quand vous aurez semé, rappelez et dites-le : la suite en dépend. STOP met fin aux SMS.

question = Votre question, en peu de mots ?
asked = Merci. La réponse vient par SMS et reste sous Mes réponses.
answers = Réponses :
each-line = { $events }
no-answer = Pas encore de réponse. Elle vient par SMS.

planted-crop = Qu'avez-vous semé ?
planted-day = Quel jour, comme 17052026 ?
planted = Merci. Les conseils suivent maintenant ce jour.

rating = Les conseils et réponses vous ont-ils aidé ?
rating-good = Oui, aidé
rating-partly = En partie
rating-no = Non
rated = Merci. Cela nous aide à mieux faire.

leave = Ne plus recevoir de conseils ?
has-left = Vous ne recevez plus de conseils. Pour revenir, composez le code.

menu-questions = Questions ouvertes
menu-ratings = Etait-ce utile ?
questions = Quelle question ?
no-question = Chaque question a sa réponse.
reply = { $open_question }
    Votre réponse ?
replied = La réponse est partie.
ratings = Derniers avis :
no-rating = Aucun avis pour le moment.

question-line = { $day } : { $question }
answer-line = { $day } : { $reply }
answer-text = A votre question : { $reply }
rating-line = { $day } : { $rating }
event-joined = Adhésion
event-left = Départ
event-planted = Semis
event-question = Question
event-answer = Réponse
event-rating = Avis

tip-maize-seed = Mais : prenez une semence connue et testez 20 grains dans un linge humide. Si moins de 16 germent en une semaine, changez-la.
tip-maize-weed = Mais : sarclez maintenant, deux semaines après le semis. Les herbes nuisent surtout les six premières semaines.
tip-maize-feed = Mais : la culture arrive au genou. Mettez fumier ou engrais au pied de chaque plant quand le sol est mouillé, pas sur les feuilles.
tip-maize-harvest = Mais : récoltez quand les spathes sont sèches et brunes. Le grain laissé au champ prend l'eau et moisit.
tip-beans-seed = Haricots : triez la semence à la main. Ne semez pas les grains troués, tachés ou ridés.
tip-beans-weed = Haricots : sarclez maintenant, puis avant la floraison. N'entrez pas quand les feuilles sont mouillées : cela porte la maladie.
tip-beans-flower = Haricots : regardez sous les feuilles deux fois par semaine. Arrachez et enterrez les plants jaunes ou frisés.
tip-beans-harvest = Haricots : arrachez quand les gousses sont sèches et jaunes, le matin pour qu'elles n'éclatent pas.
tip-cassava-seed = Manioc : coupez les tiges de plants sains, d'une main et demie, avec cinq à sept yeux. Pas de tiges tachées.
tip-cassava-weed = Manioc : sarclez maintenant, puis au deuxième et au troisième mois. Ensuite son ombre vous aide.
tip-cassava-look = Manioc : des feuilles petites, tordues ou jaunes sont malades. Arrachez ces plants et brulez-les.
tip-cassava-harvest = Manioc : arrachez un pied et goutez. Ne récoltez que ce que vous mangez ou vendez en deux jours.
tip-grain-dry = Conservation : séchez le grain sur une bache, pas par terre. Il est sec quand il casse sous la dent sans plier.
tip-grain-keep = Conservation : gardez le grain sec en sacs propres et fermés, loin du sol et des murs. Cherchez les insectes chaque quinzaine.
tip-cassava-keep = Conservation : le manioc frais tient deux jours. Pour plus, épluchez, coupez et séchez au soleil sur une bache.
tip-sell-price = Vente : demandez le prix à trois acheteurs avant de vendre, et regardez la pesée.
tip-sell-group = Vente : vendez avec vos voisins. Un chargement plein a un meilleur prix et partage le transport.

form-question = Question
form-crop = Culture
form-topics = Conseils
form-code = Code du groupe
form-consent = Votre accord
form-name = Prénom
form-village = Village
